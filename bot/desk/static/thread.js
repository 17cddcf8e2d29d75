// One conversation: lines as they come, what became of them, the head and the card as they change.

import { morph } from "./morph.js";
import { $, all, elements, post, show, tell } from "./page.js";
import { tick } from "./times.js";

const NEAR_END = 120;
const READ_AFTER = 600;

export function createThread(base, composer) {
  const log = $("#log");
  const list = $("#lines");
  const newest = $("#newest");
  let last = Number(list.dataset.last);
  let read = last;
  let timer = 0;
  let isOver = false;

  toEnd();
  // What stands around the log comes and goes; who reads the end goes on reading the end.
  let stood = true;
  new ResizeObserver(() => stood && toEnd()).observe(log);
  log.setAttribute("aria-live", "polite");
  newest.addEventListener("click", toEnd);
  log.addEventListener("scroll", scrolled, { passive: true });
  document.addEventListener("visibilitychange", noteRead);

  function scrolled() {
    stood = atEnd();
    if (stood) show(newest, false);
  }

  function line({ n, html, who }) {
    last = Math.max(last, n);
    if (document.getElementById(`line-${n}`)) return;
    const stay = !atEnd() && who === "patient";
    for (const node of elements(html)) {
      if (!isKnownDay(node)) list.append(node);
      if (node.dataset.said) composer?.stands(node.dataset.said);
    }
    if (stay) show(newest, true);
    else toEnd();
    noteRead();
  }

  const isKnownDay = ({ dataset }) => Boolean(dataset.day && $(`[data-day="${dataset.day}"]`, list));

  function delivery({ n, html }) {
    const stood = atEnd();
    const now = document.getElementById(`state-${n}`);
    if (now) morph(now, elements(html)[0]);
    if (stood) toEnd();
  }

  function head({ html }) {
    const [now, [fresh]] = [$("#head"), elements(html)];
    tick(fresh);
    const focused = now.contains(document.activeElement);
    morph(now, fresh);
    if (focused && !$("#head").contains(document.activeElement)) $("#talk-title").focus();
  }

  function card({ html }) {
    morph($("#card"), elements(html)[0]);
  }

  /** The patient's data are deleted: nothing of them stays on the screen. */
  function gone() {
    if (isOver) return;
    isOver = true;
    composer?.end();
    const note = document.createElement("p");
    note.className = "gone-note";
    note.textContent = "Percakapan ini sudah dihapus. Tidak ada lagi yang tersimpan di sini.";
    note.setAttribute("role", "status");
    $(".talk").replaceChildren(note);
    $("#sbar")?.remove();
    for (const popover of all("[popover]")) if (popover.id !== "me") popover.remove();
  }

  function noteRead() {
    clearTimeout(timer);
    if (document.hidden || last <= read || !composer || isOver) return;
    timer = setTimeout(async () => {
      const shown = last;
      const { ok } = await post(`${base}/read`, { number: String(shown) });
      if (ok) read = Math.max(read, shown);
    }, READ_AFTER);
  }

  function atEnd() {
    return log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;
  }

  function toEnd() {
    log.scrollTop = log.scrollHeight;
    show(newest, false);
  }

  /** Of somebody who is forgotten nothing more is shown. */
  const unlessOver = (told) => (data) => isOver || told(data);

  return {
    line: unlessOver(line),
    delivery: unlessOver(delivery),
    head: unlessOver(head),
    card: unlessOver(card),
    gone,
    state: (now) => composer?.update(now),
    last: () => last,
  };
}

/** The card, where it has no column of its own. */
export function createDrawer() {
  const card = $("#sbar");
  const open = (shown) => {
    card.classList.toggle("shown", shown);
    (shown ? $("#card-close") : $("#card-open"))?.focus();
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#card-open")) return;
    event.preventDefault();
    open(true);
  });
  $("#card-close").addEventListener("click", () => {
    if (location.hash === "#sbar") history.replaceState(null, "", location.pathname);
    open(false);
  });
  card.addEventListener("keydown", (event) => event.key === "Escape" && card.classList.contains("shown") && open(false));
}

/** Forms that do something with the conversation: posted beside, once at a time, and the stream tells what became of it.
 * Their menu closes at once: what the answer finds open then was opened since. */
export function createActs(composer, leave) {
  const running = new Set();

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-act]");
    if (!form) return;
    event.preventDefault();
    const fields = new FormData(form, event.submitter);
    const action = form.getAttribute("action");
    const deed = `${action}?${new URLSearchParams(fields)}`;
    if (running.has(deed)) return;
    running.add(deed);
    form.closest("[popover]")?.hidePopover();
    const { ok, status, data } = await post(action, fields);
    running.delete(deed);
    if (!ok) return problem(data.words || (status === 0 ? "Server tidak menjawab. Coba lagi." : "Tidak bisa dilakukan sekarang."));
    problem("");
    if (data.to && data.to !== location.pathname) return leave(data.to);
    if (action.endsWith("/claim") && isIdle()) composer?.field.focus();
    return undefined;
  });

  /** Whether nobody has turned to anything else since. */
  function isIdle() {
    const at = document.activeElement;
    return !$(":popover-open, dialog[open]") && (at === document.body || $("#head")?.contains(at));
  }
}

/** What could not be done, under the head; empty takes it away. */
function problem(words) {
  $(".talk-problem")?.remove();
  if (!words || !$("#head")) return;
  const [box, notice, text] = ["div", "p", "span"].map((name) => document.createElement(name));
  box.className = "talk-problem";
  notice.className = "notice bad";
  notice.setAttribute("role", "alert");
  tell(text, words);
  notice.append(text);
  box.append(notice);
  $("#head").after(box);
}
