// Messages on their way to the server, in order, one at a time, tried until the server has answered.
// What the server does not have yet is kept in sessionStorage, so a reload loses nothing.
// The same client_id twice has one effect.

const KEY = "tanyakaki.outbox";
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
const PATIENCE = 15_000;
const REFUSED = new Set([400, 413, 422]);

/**
 * `changed(message)` is called whenever a message's `state` moves:
 * "sending" → "sent" (the server has it), or → "failed" (tried again by itself, or by `retry`),
 * or → "refused" (only the patient can mend it).
 */
export function createOutbox(address, changed) {
  let messages = stored();
  let wait = FIRST_WAIT;
  let timer = 0;
  let busy = false;

  function add(body) {
    const message = { ...body, client_id: uuid(), at: new Date().toISOString(), state: "sending" };
    messages.push(message);
    keep();
    pump();
    return message;
  }

  async function pump() {
    const message = messages.find(({ state }) => state === "sending" || state === "failed");
    if (busy || !message) return;
    busy = true;
    clearTimeout(timer);
    const outcome = await post(address, message);
    busy = false;
    const stillWaiting = messages.includes(message);
    if (stillWaiting) settle(message, outcome);
    if (!stillWaiting || outcome.state !== "failed") pump();
  }

  function settle(message, { state, after }) {
    message.state = state;
    if (state === "failed") {
      timer = setTimeout(pump, after || wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    } else {
      wait = FIRST_WAIT;
    }
    keep();
    changed(message);
  }

  /** Try now what failed. */
  function retry() {
    wait = FIRST_WAIT;
    for (const message of messages.filter(({ state }) => state === "failed")) {
      message.state = "sending";
      changed(message);
    }
    clearTimeout(timer);
    pump();
  }

  /** The message stands in the transcript, or the patient took it back. */
  function remove(clientId) {
    const found = messages.find(({ client_id }) => client_id === clientId);
    messages = messages.filter((message) => message !== found);
    keep();
    if (found && found.state === "failed") retry();
    return found;
  }

  function keep() {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(messages.filter(({ state }) => state !== "sent")));
    } catch {
      // Private windows may refuse storage: the messages then live as long as the page.
    }
  }

  return { add, pump, retry, remove, waiting: () => [...messages] };
}

async function post(address, message) {
  const { client_id, text, option, options, label, under } = message;
  const giveUp = new AbortController();
  const deadline = setTimeout(() => giveUp.abort(), PATIENCE);
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ client_id, text, option, options, label, under }),
      credentials: "same-origin",
      signal: giveUp.signal,
    });
    if (response.ok) return { state: "sent" };
    if (REFUSED.has(response.status)) return { state: "refused" };
    return { state: "failed", after: Number(response.headers.get("Retry-After")) * 1_000 };
  } catch {
    return { state: "failed" };
  } finally {
    clearTimeout(deadline);
  }
}

function stored() {
  try {
    const messages = JSON.parse(sessionStorage.getItem(KEY)) || [];
    return messages.map((message) => ({ ...message, state: message.state === "refused" ? "refused" : "sending" }));
  } catch {
    return [];
  }
}

/** crypto.randomUUID exists only on https; a clinic may try this page on its own network without. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, "$1-$2-$3-$4-$5");
}
