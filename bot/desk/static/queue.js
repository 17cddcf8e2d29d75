// The queue: rows under their headings, the most urgent and the longest waiting first.

import { morph } from "./morph.js";
import { $, all, elements, say, show, tell } from "./page.js";
import { tick } from "./times.js";

const SCROLL = "desk.queue";

/** `changed(whole)` is told after each change. */
export function createQueue(node, current, changed) {
  const me = node.dataset.me;
  const groups = new Map(all(".group", node).map((group) => [group.dataset.group, group]));
  const scroller = $("#groups", node);
  let cursor = node.dataset.cursor;
  let left = null; // the place of a focused row that has gone: the next one stands there now
  scroller.tabIndex = -1;
  mark();
  restore();
  addEventListener("pagehide", () => sessionStorage.setItem(SCROLL, String(scroller.scrollTop)));

  function apply({ whole, rows, gone, away }, id) {
    cursor = id.split("~")[0] || cursor;
    const focused = node.contains(document.activeElement) ? document.activeElement : null;
    const place = links().indexOf(focused);
    const kept = new Set(rows.map((row) => row.id));
    if (whole) for (const row of all(".ticket", node)) if (!kept.has(row.dataset.id)) row.remove();
    for (const id of gone) ticket(id)?.remove();
    for (const { id, html } of rows) put(id, elements(html)[0]);
    show($("#away"), away);
    mark();
    count();
    if (focused) refocus(focused, place);
    changed(whole);
  }

  /** Only what differs is drawn anew, and moved only where its place is another: somebody may be about to press it. */
  function put(id, fresh) {
    tick(fresh);
    const old = ticket(id);
    if (!old) fresh.classList.add("arrived");
    const row = old ? morph(old, fresh) : fresh;
    const list = $(".tickets", groups.get(groupOf(row)));
    const after = Array.from(list.children).find((other) => other !== row && before(row, other)) || null;
    if (row.parentNode !== list || row.nextElementSibling !== after) list.insertBefore(row, after);
  }

  /** A row that was moved has its focus again. Where it has gone, no other patient's takes it by itself. */
  function refocus(focused, place) {
    if (document.activeElement === focused) return;
    if (focused.isConnected) return focused.focus({ preventScroll: true });
    if (place < 0) return undefined;
    scroller.focus({ preventScroll: true });
    left = place;
    say("Percakapan itu tidak lagi ada di antrean.");
    return undefined;
  }

  const links = () => all(".group:not([hidden]) .ticket-link", node);

  function groupOf({ dataset }) {
    if (dataset.alarm === "1") return "alarm";
    if (!dataset.owner) return "waiting";
    return dataset.owner === me ? "mine" : "others";
  }

  function count() {
    for (const group of groups.values()) {
      const length = $(".tickets", group).children.length;
      tell($(".group-count", group), String(length));
      show(group, length > 0);
    }
    const total = all(".ticket", node).length;
    tell($("#total"), String(total));
    show($("#nobody"), total === 0);
  }

  function mark() {
    for (const link of all(".ticket-link", node)) {
      const here = link.parentNode.dataset.id === current;
      if (here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  function restore() {
    const place = Number(sessionStorage.getItem(SCROLL));
    if (place) scroller.scrollTop = place;
    $(`.ticket-link[aria-current]`, node)?.scrollIntoView({ block: "nearest" });
  }

  /** Those who wait for anybody, and new red flags: what must be heard. */
  function waiting() {
    return ["alarm", "waiting"].flatMap((key) => Array.from($(".tickets", groups.get(key)).children));
  }

  /** One's own patients who have written since anybody looked. */
  const answered = () => all(".tickets > .unread", groups.get("mine")).filter(({ dataset }) => dataset.id !== current || document.hidden);

  /** Move the focus by one row. */
  function step(by) {
    const rows = links();
    if (!rows.length) return;
    const next = Math.min(rows.length - 1, Math.max(0, beside(rows, by)));
    rows[next].focus();
    rows[next].scrollIntoView({ block: "nearest" });
  }

  function beside(rows, by) {
    const at = rows.indexOf(document.activeElement);
    if (at >= 0) return at + by;
    if (left !== null && document.activeElement === scroller) return by > 0 ? left : left - 1;
    const current = rows.findIndex((link) => link.hasAttribute("aria-current"));
    if (current >= 0) return current + by;
    return by > 0 ? 0 : rows.length - 1;
  }

  return { apply, step, waiting, answered, cursor: () => cursor };
}

const ticket = (id) => document.getElementById(`t-${id}`);

/** Whether one row stands before the other: a new red flag, the level, then who has waited longest; as the server has it. */
function before({ dataset: a }, { dataset: b }) {
  const by = Number(b.alarm) - Number(a.alarm) || Number(b.level) - Number(a.level) || Number(a.since) - Number(b.since);
  return by < 0 || (by === 0 && a.id < b.id);
}
