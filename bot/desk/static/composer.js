// Where staff write: to the patient or, in another colour, for each other. A message has an id, so that it is sent once.

import { createAttachments } from "./attach.js";
import { $, alarm, post, show, tell } from "./page.js";

const DRAFT_AFTER = 700;
const TYPING_EVERY = 4_000;
const touch = matchMedia("(hover: none) and (pointer: coarse)");

const PLACEHOLDERS = {
  reply: "Tulis balasan",
  note: "Tulis catatan untuk rekan",
  blocked: "Hanya catatan internal",
  closed: "Jendela WhatsApp tertutup",
};

export function createComposer(form, base, reference) {
  const field = $("#text");
  const foot = $("#draft-state");
  const local = createLocal(base);
  const texts = { reply: field.value, note: form.dataset.note }; // what stands in one is never sent as the other
  let kind = "reply";
  let later = false;
  let sending = false;
  let again = false; // Enter was pressed while the one before was on its way
  let timer = 0;
  let typed = 0;
  let saving = Promise.resolve();
  let state = { blocked: form.dataset.blocked === "1", closed: form.dataset.closed === "1", mine: form.dataset.mine === "1" };

  field.required = false; // files may say enough
  const files = createAttachments(base, field, () => buttons());

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
  addEventListener("pagehide", () => timer && saveDraft(kind, field.value, { keepalive: true }));
  createCanned(insert);

  function update(now) {
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
    const shut = !note && (state.blocked || (state.closed && !later));
    form.dataset.kind = kind;
    form.dataset.closed = state.closed ? "1" : "0";
    field.disabled = shut;
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

  function buttons() {
    const empty = !isReady();
    for (const id of ["send", "keep", "save-note"]) $(`#${id}`).disabled = empty || (field.disabled && id !== "save-note");
  }

  /** Whether there is something to send, and all of it is here. */
  function isReady() {
    if (sending) return false;
    return kind === "note" ? Boolean(field.value.trim()) : Boolean(field.value.trim() || files.count()) && !files.isBusy();
  }

  /** Browsers without `field-sizing` need to be told how high the text is. */
  function grow() {
    if (CSS.supports("field-sizing", "content")) return;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }

  function write(to) {
    turn(to);
    field.focus();
  }

  function turn(to) {
    if (to !== kind) {
      if (timer) saveDraft(kind, field.value);
      texts[kind] = field.value;
      kind = to;
      field.value = texts[kind];
      tell(foot, "");
    }
    draw();
  }

  function pressed(event) {
    if (event.key === "/" && !field.value && kind === "reply") {
      event.preventDefault();
      $("#canned").showPopover();
    }
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || touch.matches) return;
    event.preventDefault();
    send();
  }

  function changed() {
    buttons();
    grow();
    foot.classList.remove("bad");
    clearTimeout(timer);
    timer = setTimeout(() => saveDraft(kind, field.value), DRAFT_AFTER);
    local.set(kind, field.value);
    if (kind === "reply" && field.value && Date.now() - typed > TYPING_EVERY) {
      typed = Date.now();
      post(`${base}/typing`);
    }
  }

  function saveDraft(of, text, options = {}) {
    clearTimeout(timer);
    timer = 0;
    saving = post(`${base}/draft`, { kind: of, text }, options).then(({ ok }) => {
      if (ok && !sending && of === kind) tell(foot, text ? "Draf tersimpan" : "");
    });
  }

  function recall() {
    for (const of of ["reply", "note"]) texts[of] = texts[of] || local.get(of);
    field.value = texts[kind];
  }

  async function send() {
    again = sending;
    if (sending || field.disabled || !isReady()) return;
    sending = true;
    buttons();
    clearTimeout(timer);
    timer = 0;
    const [of, text] = [kind, field.value];
    await saving; // a draft that arrives after its message would be there again tomorrow
    const fields = [["id", form.elements.id.value], ["text", text]];
    const names = of === "reply" ? files.names() : [];
    fields.push(...names.map((name) => ["attachments", name]));
    if (of === "reply" && state.closed && later) fields.push(["keep", "1"]);
    const { ok, status, data } = await post(`${base}/${of}`, fields);
    sending = false;
    if (ok) sent(of, text, names, data);
    else failed(status, data);
    buttons();
    if (ok && again) send();
  }

  /** The answer may come late: meanwhile somebody may have turned to the other kind, or gone on writing. */
  function sent(of, text, names, { id }) {
    form.elements.id.value = id;
    if (of === "reply") {
      files.clear(names);
      later = false;
    }
    const left = rest(of === kind ? field.value : texts[of], text);
    local.set(of, left);
    if (left) saveDraft(of, left); // the server has forgotten the draft with the message
    if (of !== kind) {
      texts[of] = left;
      return;
    }
    field.value = left;
    tell(foot, "");
    if (left) return;
    turn("reply");
    // Who has gone elsewhere meanwhile is not called back.
    if (form.contains(document.activeElement) || document.activeElement === document.body) field.focus();
  }

  function failed(status, data) {
    const words = data.words || (status === 403 ? "Tidak boleh, atau sesi sudah berganti. Muat ulang halaman." : "");
    tell(foot, words || "Belum terkirim: server tidak menjawab. Tulisan Anda masih di sini, coba lagi.");
    foot.classList.add("bad");
    alarm(foot.textContent);
  }

  function insert(text) {
    if (kind !== "reply") write("reply");
    const gap = field.value && !field.value.endsWith(" ") ? " " : "";
    field.setRangeText(`${gap}${text}`, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    changed();
  }

  return { update, write, field };
}

/** What was written behind that which has been sent. */
const rest = (written, sent) => (written.startsWith(sent) ? written.slice(sent.length).trimStart() : written);

/** What is typed, kept by this window until it is sent: it outlives a log-in. */
function createLocal(base) {
  const name = (kind) => `desk.draft.${base}.${kind}`;
  return {
    get(kind) {
      try {
        return sessionStorage.getItem(name(kind)) || "";
      } catch {
        return "";
      }
    },
    set(kind, text) {
      try {
        if (text) sessionStorage.setItem(name(kind), text);
        else sessionStorage.removeItem(name(kind));
      } catch {
        // Then the server alone keeps it.
      }
    },
  };
}

/** Replies that stand ready: a list by `/`, arrows to move, Enter to insert. */
function createCanned(insert) {
  const menu = $("#canned");
  const rows = Array.from(menu.querySelectorAll("[data-insert]"));
  menu.addEventListener("toggle", (event) => event.newState === "open" && rows[0]?.focus());
  menu.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    rows[(rows.indexOf(document.activeElement) + by + rows.length) % rows.length].focus();
  });
  for (const row of rows) {
    row.addEventListener("click", () => {
      menu.hidePopover();
      insert(row.dataset.insert);
    });
  }
}
