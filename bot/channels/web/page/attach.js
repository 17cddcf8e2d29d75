// Pictures, voice notes and documents on their way to the clinic. They are not kept in the browser: what was not sent
// when the page is left is gone, and the patient sees that it is.

import { uuid } from "./outbox.js";
import { smaller } from "./picture.js";

const LARGEST = 10 * 1024 * 1024;
const PATIENCE = 90_000;
const REFUSED = new Set([400, 413, 415]);

const KINDS = { image: "photo", audio: "audio", application: "document" };
const PROBLEMS = {
  type: "Berkas ini tidak bisa dikirim. Pakai foto, rekaman suara, atau PDF.",
  large: "Berkas ini terlalu besar. Paling besar 10 MB.",
  busy: "Terlalu banyak kiriman sekaligus. Tunggu sebentar, lalu ketuk untuk mengirim lagi.",
  full: "Lampiran sudah terlalu banyak. Tunggu petugas membacanya.",
};

/** `show(message)` draws or redraws a message, `tell(text)` says what is wrong, `sent(message)`: the server has it. */
export function createAttachments({ button, input }, { show, tell, sent }) {
  const files = new Map();

  button.hidden = false;
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", async () => {
    const chosen = [...input.files];
    input.value = "";
    tell("");
    for (const file of chosen) await take(file);
  });

  async function take(file) {
    const body = await smaller(file);
    if (body.size > LARGEST) return tell(PROBLEMS.large);
    const kind = KINDS[body.type.split("/")[0]] || "document";
    const message = { client_id: uuid(), text: "", at: new Date().toISOString(), state: "sending", file: kind, title: file.name };
    files.set(message.client_id, { message, body });
    show(message);
    await send(message);
  }

  async function send(message) {
    const { body } = files.get(message.client_id);
    const outcome = await post(message, body);
    if (!files.has(message.client_id)) return;
    message.state = outcome.state;
    show(message);
    if (outcome.state === "sent") sent(message);
    else tell(PROBLEMS[outcome.error] || "");
  }

  /** Try again what failed. */
  function retry(message) {
    if (message.state !== "failed" || !files.has(message.client_id)) return;
    message.state = "sending";
    show(message);
    send(message);
  }

  /** It stands in the transcript, or was taken back. */
  function remove(clientId) {
    files.delete(clientId);
  }

  return { retry, remove };
}

async function post({ client_id, title }, body) {
  const giveUp = new AbortController();
  const deadline = setTimeout(() => giveUp.abort(), PATIENCE);
  try {
    const response = await fetch(`/chat/files?client_id=${client_id}`, {
      method: "POST",
      headers: { "Content-Type": "application/octet-stream", "X-File-Name": encodeURIComponent(title) },
      body,
      credentials: "same-origin",
      signal: giveUp.signal,
    });
    if (response.ok) return { state: "sent" };
    const { error } = await response.json().catch(() => ({}));
    return { state: REFUSED.has(response.status) ? "refused" : "failed", error };
  } catch {
    return { state: "failed" };
  } finally {
    clearTimeout(deadline);
  }
}
