// Where staff write: to the patient or, in another colour, for each other. A message has an id, so that it is sent once.

import { createAttachments } from "./attach.js";
import { createCanned } from "./canned.js";
import { createDrafts } from "./drafts.js";
import { $, alarm, all, post, show, tell } from "./page.js";
import { createSender } from "./sender.js";

const TYPING_EVERY = 4_000;
const SENDING = "Mengirim…";
const SLOW = 1_500;
const touch = matchMedia("(hover: none) and (pointer: coarse)");

const PLACEHOLDERS = {
  reply: "Tulis balasan",
  note: "Tulis catatan untuk rekan",
  blocked: "Hanya catatan internal",
  closed: "Jendela WhatsApp tertutup",
};
const NAMES = { reply: "Balasan", note: "Catatan" };

export function createComposer(form, base, reference, me) {
  const field = $("#text");
  const foot = $("#draft-state");
  const texts = { reply: field.value, note: form.dataset.note }; // what stands in one is never sent as the other
  let kind = "reply";
  let later = false;
  let typed = 0;
  let slow = 0;
  let isOver = false;
  let state = { blocked: form.dataset.blocked === "1", closed: form.dataset.closed === "1", mine: form.dataset.mine === "1" };

  field.required = false; // files may say enough
  const textOf = (of) => (of === kind ? field.value : texts[of]);
  const files = createAttachments(base, field, () => buttons());
  const drafts = createDrafts(base, me, textOf, (of, text) => {
    if (of === kind && !foot.classList.contains("bad")) tell(foot, text ? "Draf tersimpan" : "");
  });
  const sender = createSender(base, me, drafts, { busy, back, arrived: ({ of, text }) => cut(of, text) });
  const canned = createCanned(insert);

  recall();
  show($(".composer-kinds"), true);
  update(state);
  field.addEventListener("input", changed);
  field.addEventListener("keydown", pressed);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  $("#kind-reply").addEventListener("click", () => write("reply"));
  $("#kind-note").addEventListener("click", () => write("note"));
  $("#later").addEventListener("click", () => {
    later = true;
    draw();
    field.focus();
  });

  function update(now) {
    if (isOver) return;
    state = { ...state, ...now };
    if (!state.closed) later = false;
    if (now.window !== undefined && $("#window").dataset.html !== now.window) {
      const place = $("#window");
      place.dataset.html = now.window;
      place.replaceChildren(...new DOMParser().parseFromString(now.window, "text/html").body.childNodes);
    }
    if (now.owner !== undefined && state.blocked) tell($("#blocked span"), `${now.owner} yang menangani pasien ini. Anda bisa menulis catatan internal.`);
    draw();
  }

  function draw() {
    const note = kind === "note";
    const shut = isShut();
    form.dataset.kind = kind;
    form.dataset.closed = state.closed ? "1" : "0";
    // Never disabled: whoever is writing would go on typing into the page, where letters are commands.
    field.readOnly = shut;
    field.setAttribute("aria-disabled", String(shut));
    field.placeholder = PLACEHOLDERS[note ? "note" : state.blocked ? "blocked" : state.closed && !later ? "closed" : "reply"];
    tell($("#text-label"), note ? `Catatan internal tentang ${reference}` : `Balasan untuk pasien ${reference}`);
    $("#kind-reply").setAttribute("aria-pressed", String(!note));
    $("#kind-note").setAttribute("aria-pressed", String(note));
    show($(".to-reply"), !note);
    show($(".to-note"), note);
    show($(".to-claim"), !state.mine && !state.blocked);
    files.allow(!note && !shut);
    show($("#blocked"), state.blocked && !note);
    show($("#window"), !note && !state.blocked && Boolean(state.closed || state.hurry));
    $("#window").classList.toggle("closed", Boolean(state.closed));
    $("#window").classList.toggle("hurry", Boolean(state.hurry));
    show($("#later"), !note && state.closed && !later && !state.blocked);
    show($("#keep"), !note && state.closed && later);
    buttons();
    grow();
  }

  function isShut() {
    return kind === "reply" && Boolean(state.blocked || (state.closed && !later));
  }

  function buttons() {
    for (const id of ["send", "keep", "save-note"]) $(`#${id}`).disabled = isShut() || !isReady();
  }

  /** Whether there is something to send, and all of it is here. */
  function isReady() {
    if (kind === "note") return Boolean(field.value.trim());
    return Boolean(field.value.trim() || files.count()) && !files.isBusy();
  }

  /** Browsers without `field-sizing` need to be told how high the text is. */
  function grow() {
    if (CSS.supports("field-sizing", "content")) return;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }

  function write(to) {
    if (isOver) return;
    turn(to);
    field.focus();
  }

  function turn(to) {
    if (to !== kind) {
      drafts.save();
      texts[kind] = field.value;
      kind = to;
      field.value = texts[kind];
      warn("");
    }
    draw();
  }

  function pressed(event) {
    if (event.key === "/" && !field.value && kind === "reply" && !isShut()) {
      event.preventDefault();
      canned.open();
    }
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || touch.matches) return;
    event.preventDefault();
    if (!event.repeat) send();
  }

  function changed() {
    buttons();
    grow();
    foot.classList.remove("bad");
    drafts.changed(kind);
    if (kind === "reply" && field.value && Date.now() - typed > TYPING_EVERY) {
      typed = Date.now();
      post(`${base}/typing`);
    }
  }

  /** What stands here now goes out as what it is now; the box is free for the next. Who wrote a note goes on writing
   * notes: the way to the patient is always taken by somebody. */
  function send() {
    if (isShut()) return;
    if (kind === "reply" && files.isBusy()) return warn("Lampiran masih diunggah. Kirim setelah selesai.");
    if (!isReady()) return;
    const text = field.value;
    const isReply = kind === "reply";
    const message = { of: kind, text, files: isReply ? files.take() : [], keep: isReply && state.closed && later };
    field.value = "";
    typed = 0;
    warn("");
    sender.send(message);
    if (isReply) later = false;
    if (form.contains(document.activeElement)) field.focus();
    draw();
  }

  /** It could not be sent: its words stand again before what was written meanwhile, where they were written. */
  function back({ of, text, files: taken = [], keep }, status, data) {
    if (keep) later = true;
    files.back(taken);
    restore(of, text);
    const words = data.words || (status === 403 ? "Tidak boleh, atau sesi sudah berganti. Muat ulang halaman." : "");
    warn(`${NAMES[of]} belum terkirim: ${words || "server tidak menjawab. Tulisan Anda masih di sini, coba lagi."}`);
    alarm(foot.textContent);
    draw();
  }

  function restore(of, text) {
    const now = textOf(of);
    if (now.startsWith(text)) return;
    if (of !== kind) texts[of] = now ? `${text}\n${now}` : text;
    else if (now) field.setRangeText(`${text}\n`, 0, 0, "preserve");
    else field.value = text;
    drafts.changed(of);
  }

  /** Take what was sent out of what stands here; the rest and the place in it stay. */
  function cut(of, text) {
    const now = textOf(of);
    if (!now.startsWith(text)) return;
    const length = now.length - now.slice(text.length).trimStart().length;
    if (of === kind) field.setRangeText("", 0, length, "preserve");
    else texts[of] = now.slice(length);
    drafts.changed(of);
    warn("");
    draw();
  }

  function recall() {
    for (const of of ["reply", "note"]) texts[of] = drafts.recall(of, texts[of]);
    field.value = texts[kind];
    const found = sender.recall((id) => Boolean($(`[data-said="${CSS.escape(id)}"]`)));
    for (const { of, text } of [...found].reverse()) restore(of, text);
    if (found.length) warn("Belum pasti terkirim sebelum halaman ini dimuat lagi. Periksa, lalu kirim.");
  }

  function warn(words) {
    tell(foot, words);
    foot.classList.toggle("bad", Boolean(words));
  }

  /** That something is on its way is told where it takes long. */
  function busy(on) {
    form.setAttribute("aria-busy", String(on));
    clearTimeout(slow);
    if (on) slow = setTimeout(() => tell(foot, SENDING), SLOW);
    else if (foot.textContent === SENDING) tell(foot, "");
  }

  function insert(text) {
    if (kind !== "reply") write("reply");
    if (isShut()) return;
    const gap = field.value && !field.value.endsWith(" ") ? " " : "";
    field.setRangeText(`${gap}${text}`, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    changed();
  }

  /** The patient is forgotten: nothing of what was written stays, here or in the browser. */
  function end() {
    isOver = true;
    for (const node of all("button, textarea", form)) node.disabled = true;
    drafts.forget();
    sender.forget();
  }

  return { update, write, field, stands: sender.stands, end, isShut };
}
