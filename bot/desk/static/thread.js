// One conversation: lines as they come, what became of them, the head and the card as they change.

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
    for (const node of elements(html)) if (!isKnownDay(node)) list.append(node);
    if (stay) show(newest, true);
    else toEnd();
    noteRead();
  }

  const isKnownDay = ({ dataset }) => Boolean(dataset.day && $(`[data-day="${dataset.day}"]`, list));

  function delivery({ n, html }) {
    const stood = atEnd();
    document.getElementById(`state-${n}`)?.replaceWith(...elements(html));
    if (stood) toEnd();
  }

  function head({ html }) {
    const [now, [fresh]] = [$("#head"), elements(html)];
    tick(fresh);
    // Who looks and who writes changes often; an open menu must not close for it.
    $("#people", now).replaceChildren(...$("#people", fresh).cloneNode(true).childNodes);
    if (now.isEqualNode(fresh)) return;
    const focused = now.contains(document.activeElement) ? document.activeElement : null;
    now.replaceWith(fresh);
    if (focused) (focused.id && document.getElementById(focused.id) ? document.getElementById(focused.id) : $("#talk-title")).focus();
  }

  function card({ html }) {
    const [now, [fresh]] = [$("#card"), elements(html)];
    for (const { id } of all("details[open]", now)) document.getElementById(id) && $(`#${id}`, fresh)?.setAttribute("open", "");
    if (!now.isEqualNode(fresh)) now.replaceWith(fresh);
  }

  /** The patient's data are deleted: nothing of them stays on the screen. */
  function gone() {
    const note = document.createElement("p");
    note.className = "gone-note";
    note.textContent = "Percakapan ini sudah dihapus. Tidak ada lagi yang tersimpan di sini.";
    note.setAttribute("role", "status");
    $(".talk").replaceChildren(note);
    $("#sbar")?.remove();
    for (const popover of all("[popover]")) if (popover.id !== "me") popover.remove();
  }

  function noteRead() {
    if (document.hidden || last <= read || !composer) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      read = last;
      post(`${base}/read`, { number: String(last) });
    }, READ_AFTER);
  }

  function atEnd() {
    return log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;
  }

  function toEnd() {
    log.scrollTop = log.scrollHeight;
    show(newest, false);
  }

  return { line, delivery, head, card, gone, state: (now) => composer?.update(now), last: () => last };
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

/** Forms that do something with the conversation: posted beside, and the stream tells what became of it. */
export function createActs(composer) {
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-act]");
    if (!form) return;
    event.preventDefault();
    const button = event.submitter;
    const fields = new FormData(form, button);
    if (button) button.disabled = true;
    const { ok, status, data } = await post(form.getAttribute("action"), fields);
    if (button) button.disabled = false;
    form.closest("[popover]")?.hidePopover();
    if (!ok) return problem(data.words || (status === 0 ? "Server tidak menjawab. Coba lagi." : "Tidak bisa dilakukan sekarang."));
    problem("");
    if (data.to && data.to !== location.pathname) return location.assign(data.to);
    if (form.action.endsWith("/claim")) composer?.field.focus();
    return undefined;
  });
}

/** What could not be done, under the head; empty takes it away. */
function problem(words) {
  $(".talk-problem")?.remove();
  if (!words) return;
  const [box, notice, text] = ["div", "p", "span"].map((name) => document.createElement(name));
  box.className = "talk-problem";
  notice.className = "notice bad";
  notice.setAttribute("role", "alert");
  tell(text, words);
  notice.append(text);
  box.append(notice);
  $("#head").after(box);
}
