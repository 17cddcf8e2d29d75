// Messages on their way to the server: each as it was when Enter was pressed, one after the other, once by its id.
// What somebody writes meanwhile has nothing to do with them.

import { uuid } from "/static/chat/outbox.js";

import { createKept } from "./drafts.js";
import { post } from "./page.js";

const PATIENCE = 20_000;
const PARTING = 5_000; // a page that still lives so long after it was to be left has stayed

/**
 * `busy(on)`: something is on its way, or nothing more. `back(message, status, data)`: it could not be sent, and its words go back to
 * where they were written. `arrived(message)`: one that came back stands in the thread after all.
 */
export function createSender(base, me, drafts, { busy, back, arrived }) {
  const kept = createKept(`desk.sending.${me}.${base}`);
  let queue = [];
  let returned = [];
  let going = false;
  let isLeft = false;

  // A page that is left breaks off what is on its way; whether it arrived, the next page finds out.
  for (const kind of ["beforeunload", "pagehide"]) addEventListener(kind, () => (isLeft = true));
  addEventListener("pageshow", () => (isLeft = false));

  function send({ of, text, files = [], keep = false }) {
    const names = files.map(({ name }) => name);
    const before = returned.filter((message) => message.of === of);
    returned = returned.filter((message) => message.of !== of);
    const id = isAgain(before, text, names) ? before[0].id : uuid();
    queue.push({ id, of, text, names, files, keep, ready: drafts.hold(of) });
    note();
    go();
  }

  async function go() {
    if (going) return;
    going = true;
    busy(true);
    const kinds = new Set();
    while (queue.length) {
      const [message] = queue;
      kinds.add(message.of);
      await message.ready; // a draft that arrives after its message would be there again tomorrow
      const { ok, status, data } = await post(`${base}/${message.of}`, fields(message), {
        keepalive: true, // it goes out though the page be left
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (!ok && isLeft) await new Promise((done) => setTimeout(done, PARTING));
      if (!ok && !message.stands) {
        giveUp(status, data);
        break;
      }
      queue.shift();
      note();
    }
    going = false;
    drafts.release(kinds);
    busy(false);
  }

  /** Those behind it come back with it: they were written to follow it. */
  function giveUp(status, data) {
    const messages = queue;
    queue = [];
    note();
    returned.push(...messages);
    for (const message of [...messages].reverse()) back(message, status, data);
  }

  /** A line with this id stands in the thread, whatever became of the answer to its post. */
  function stands(id) {
    const found = queue.find((message) => message.id === id);
    if (found) found.stands = true;
    const late = returned.find((message) => message.id === id);
    if (!late) return;
    returned = returned.filter((message) => message !== late);
    arrived(late);
  }

  /** What was on its way when the page was left, and is not in the thread as it is now. */
  function recall(isThere) {
    const found = JSON.parse(kept.get("queue") || "[]").filter(({ id }) => !isThere(id));
    kept.set("queue", null);
    returned.push(...found);
    return found;
  }

  function note() {
    const shown = queue.map(({ id, of, text, names, keep }) => ({ id, of, text, names, keep }));
    kept.set("queue", shown.length ? JSON.stringify(shown) : null);
  }

  function forget() {
    queue = [];
    returned = [];
    note();
  }

  return { send, stands, recall, forget };
}

/** The same words sent again are the same message: it may have arrived, and only its answer was lost. */
const isAgain = (before, text, names) =>
  before.length === 1 && before[0].text === text && before[0].names.join() === names.join();

function fields({ id, text, names, keep }) {
  const told = [["id", id], ["text", text], ...names.map((name) => ["attachments", name])];
  if (keep) told.push(["keep", "1"]);
  return told;
}
