// What is typed and not yet sent: the server keeps it, and this window keeps what the server does not have yet.

import { post } from "./page.js";

const SAVED_AFTER = 700;
const PATIENCE = 3_000; // a message does not wait longer for the draft before it

/** `textOf(kind)` is what stands there now; `saved(kind, text)` is told when the server has it. */
export function createDrafts(base, me, textOf, saved) {
  const local = createKept(`desk.draft.${me}.${base}`);
  const unsaved = new Set();
  let timer = 0;
  let saving = Promise.resolve();
  let held = false;
  let under = 0; // posts of drafts that nobody has answered yet

  addEventListener("pagehide", () => save({ keepalive: true }));

  /** What was typed here last, or else what the server had. */
  function recall(kind, served) {
    const own = local.get(kind);
    if (own === null) return served;
    unsaved.add(kind);
    return own;
  }

  function changed(kind) {
    local.set(kind, textOf(kind));
    unsaved.add(kind);
    clearTimeout(timer);
    timer = setTimeout(save, SAVED_AFTER);
  }

  /** One after the other, so that the newest is the last; none while a message is on its way, which ends its draft. */
  function save(options = {}) {
    clearTimeout(timer);
    if (held) return;
    for (const kind of unsaved) {
      if (options.keepalive) put(kind, options);
      else saving = saving.then(() => put(kind));
    }
    unsaved.clear();
  }

  async function put(kind, options) {
    const text = textOf(kind);
    under += 1;
    const { ok } = await post(`${base}/draft`, { kind, text }, options);
    under -= 1;
    if (!ok || held || textOf(kind) !== text) return;
    local.set(kind, null);
    saved(kind, text);
  }

  /** It is being sent, and no draft any more. Resolves once no earlier draft can come after it. */
  function hold(kind) {
    clearTimeout(timer);
    held = true;
    unsaved.delete(kind);
    local.set(kind, textOf(kind) || null);
    return Promise.race([saving, new Promise((done) => setTimeout(done, PATIENCE))]);
  }

  /** Whatever was typed meanwhile is a draft again; one that is late must not outlive its message. */
  function release(kinds) {
    held = false;
    for (const kind of kinds) if (under || textOf(kind)) changed(kind);
  }

  function forget() {
    clearTimeout(timer);
    held = true;
    for (const kind of ["reply", "note"]) local.set(kind, null);
  }

  return { recall, changed, save, hold, release, forget };
}

/** Texts that this window keeps, by name; they outlive a log-in. `null` keeps none. */
export function createKept(prefix) {
  return {
    get(name) {
      try {
        return sessionStorage.getItem(`${prefix}.${name}`);
      } catch {
        return null;
      }
    },
    set(name, text) {
      try {
        if (text === null) sessionStorage.removeItem(`${prefix}.${name}`);
        else sessionStorage.setItem(`${prefix}.${name}`, text);
      } catch {
        // Then it lives as long as the page.
      }
    },
  };
}
