// The conversation as rows in the page. What a row looks like follows from its line and from the row before it,
// so lines may come again, late, or out of order.

import { choices } from "./choices.js";
import { icon } from "./icon.js";
import { element, markup } from "./markup.js";
import { clock, dayName, dayOf } from "./times.js";

const SPEAKERS = { patient: "Anda", bot: "Tanya Kaki", staff: "Petugas klinik", note: "Keterangan" };
const FILES = { photo: "Foto", voice: "Pesan suara", audio: "Rekaman suara", video: "Video", document: "Dokumen" };
const TICKS = {
  sending: ["clock", "Sedang dikirim"],
  failed: ["clock", "Belum terkirim"],
  refused: ["warning", "Tidak terkirim"],
  sent: ["sent", "Terkirim"],
  received: ["received", "Diterima"],
};
const EMERGENCY_NUMBERS = ["119", "112"];

/** `actions`: choose(body, byKeyboard), retry(message), takeBack(message). */
export function createTranscript(list, actions) {
  const byNumber = new Map();
  const byClient = new Map();

  /** Add a line of the server, once. An own message that was waiting becomes that line. */
  function add(line) {
    if (has(line)) return;
    const waiting = line.client_id ? byClient.get(line.client_id) : undefined;
    const row = build({ ...line, at: new Date(line.at), state: "received" });
    byNumber.set(line.n, row);
    place(row, waiting);
    refresh();
  }

  /** Whether this line is shown. If another has its number, the patient was forgotten and all begins anew. */
  function has(line) {
    const shown = byNumber.get(line.n);
    const same = shown && shown.line.at.getTime() === Date.parse(line.at);
    if (shown && !same) clear();
    return Boolean(same);
  }

  /** Show or show anew a message that the server has not written down yet. */
  function show(message) {
    const text = message.text || message.label || "";
    const row = build({ ...message, who: "patient", text, at: new Date(message.at), message });
    const former = byClient.get(message.client_id);
    if (former) former.node.replaceWith(row.node);
    else list.append(row.node);
    row.node.classList.toggle("arriving", !former);
    byClient.set(message.client_id, row);
    refresh();
  }

  /** Its state has moved; unless it is gone from the page meanwhile. */
  function update(message) {
    if (byClient.has(message.client_id)) show(message);
  }

  function takeBack(clientId) {
    const row = byClient.get(clientId);
    if (row) row.node.remove();
    byClient.delete(clientId);
    refresh();
  }

  function clear() {
    byNumber.clear();
    byClient.clear();
    list.replaceChildren();
  }

  function build(line) {
    const node = element("div", `row ${line.who}${line.emergency ? " emergency" : ""}`);
    const row = { node, line };
    node.row = row;
    if (line.n) node.dataset.n = line.n;
    if (line.state) node.dataset.state = line.state;
    node.append(line.emergency ? emergencyPanel(line) : bubble(line));
    if (line.state === "failed") node.append(retryButton(line));
    if (line.state === "refused") node.append(refusal(line));
    return row;
  }

  function place(row, waiting) {
    const later = Array.from(list.children).find(({ row: other }) => (other.line.n ?? Infinity) > row.line.n);
    list.insertBefore(row.node, later || null);
    row.node.classList.toggle("arriving", !waiting);
    if (!waiting) return;
    waiting.node.remove();
    byClient.delete(row.line.client_id);
  }

  function refresh() {
    let previous = null;
    let personSpoke = false;
    for (const { row } of list.children) {
      dress(row, previous);
      personSpoke = personSpoke || row.line.who === "staff";
      row.node.classList.toggle("named", personSpoke);
      previous = row;
    }
    offerChoices();
  }

  function dress(row, previous) {
    const { node, line } = row;
    const day = dayOf(line.at);
    const newDay = !previous || dayOf(previous.line.at) !== day;
    const sameSpeaker = previous && previous.line.who === line.who && previous.line.name === line.name;
    node.classList.toggle("first", newDay || !sameSpeaker || Boolean(line.emergency || previous.line.emergency));
    if (newDay !== Boolean(row.day)) {
      if (newDay) node.prepend((row.day = element("p", "day")));
      else row.day.remove();
      if (!newDay) row.day = null;
    }
    const name = newDay ? dayName(day) : "";
    if (newDay && row.day.textContent !== name) row.day.textContent = name;
  }

  // Only the newest question is open, and only until the patient has answered it.
  function offerChoices() {
    const last = Array.from(list.children)
      .reverse()
      .find(({ row: { line } }) => line.who !== "note" && line.state !== "refused");
    const open = list.querySelector(".choices");
    if (open && open.parentNode === last) return;
    const [ticked, focused] = [ticksIn(open), open?.contains(document.activeElement) && document.activeElement.dataset.id];
    open?.remove();
    const line = last?.row.line;
    if (line?.who !== "bot" || !line.options?.length) return;
    last.append(choices(line, actions.choose, ticked)); // asked once more, what was ticked stays
    if (focused) last.querySelector(`[data-id="${focused}"]`)?.focus({ preventScroll: true });
  }

  function retryButton(message) {
    const button = element("button", "resend", icon("retry"), "Belum terkirim, ketuk untuk mengirim lagi");
    button.type = "button";
    button.addEventListener("click", () => actions.retry(message));
    return button;
  }

  function refusal(message) {
    const mend = message.file ? "menghapus" : "mengubah";
    const button = element("button", "resend", icon("retry"), `Tidak dapat dikirim, ketuk untuk ${mend}`);
    button.type = "button";
    button.addEventListener("click", () => actions.takeBack(message));
    return button;
  }

  return { add, has, show, update, takeBack, refresh, isEmpty: () => !list.firstChild };
}

const ticksIn = (open) => Array.from(open?.querySelectorAll('[aria-pressed="true"]') || [], ({ dataset }) => dataset.id);

function bubble(line) {
  if (line.who === "note") return element("div", "note-text", markup(line.text, { call: true }));
  const node = element("div", "bubble", speaker(line), ...files(line), markup(line.text, { call: line.who !== "patient" }));
  (lastTextBlock(node) || node).append(footer(line));
  return node;
}

/** What a line carries beside words. What is still on its way is only named. */
function files({ n, attachments = [], file, title }) {
  if (file) return [element("p", "file", icon("file"), title || FILES[file] || FILES.document)];
  return attachments.map((attachment, place) => shown(attachment.split(":")[0], `/chat/media/${n}-${place}`));
}

function shown(kind, address) {
  const name = FILES[kind] || FILES.document;
  if (kind === "audio" || kind === "voice") {
    const sound = element("audio", "sound");
    Object.assign(sound, { controls: true, preload: "none", src: address });
    sound.setAttribute("aria-label", name);
    return sound;
  }
  const link = element("a", kind === "photo" ? "picture" : "file");
  Object.assign(link, { href: address, target: "_blank", rel: "noopener" });
  if (kind !== "photo") {
    link.append(icon("file"), name);
    return link;
  }
  const picture = element("img");
  Object.assign(picture, { src: address, alt: name, loading: "lazy", width: 240, height: 180 });
  link.append(picture);
  return link;
}

function speaker({ who, name }) {
  if (who === "staff") return element("p", "speaker", name || SPEAKERS.staff);
  if (who === "bot") return element("p", "speaker", SPEAKERS.bot); // seen only once a person has spoken, too
  return element("span", "hidden", `${SPEAKERS[who]}: `);
}

// Inside the last paragraph, so that a short message and its time share one line.
function lastTextBlock(node) {
  const last = node.lastElementChild;
  return last.tagName === "P" && !last.className ? last : null;
}

function footer({ at, who, state }) {
  const time = element("time", "", clock(at));
  time.dateTime = at.toISOString();
  const node = element("span", "footer", time);
  if (who === "patient") node.append(icon(...TICKS[state]));
  return node;
}

function emergencyPanel(line) {
  const title = element("p", "emergency-title", icon("warning"), "Keadaan darurat");
  const calls = element("div", "calls");
  for (const number of EMERGENCY_NUMBERS) {
    const call = element("a", "call", icon("phone"), `Telepon ${number}`);
    call.href = `tel:${number}`;
    calls.append(call);
  }
  const body = element("div", "emergency-body", markup(line.text, { call: true }));
  const panel = element("section", "panel", title, calls, body, footer(line));
  panel.setAttribute("aria-label", "Keadaan darurat");
  return panel;
}
