// The queue: rows under their headings, the most urgent and the longest waiting first.

import { $, all, elements, show, tell } from "./page.js";
import { tick } from "./times.js";

const SCROLL = "desk.queue";

/** `changed(whole)` is told after each change. */
export function createQueue(node, current, changed) {
  const me = node.dataset.me;
  const groups = new Map(all(".group", node).map((group) => [group.dataset.group, group]));
  const scroller = $("#groups", node);
  let cursor = node.dataset.cursor;
  mark();
  restore();
  addEventListener("pagehide", () => sessionStorage.setItem(SCROLL, String(scroller.scrollTop)));

  function apply({ whole, rows, gone, away }, id) {
    cursor = id.split("~")[0] || cursor;
    const focused = document.activeElement?.closest?.(".ticket")?.dataset.id;
    const known = new Set(all(".ticket", node).map((row) => row.dataset.id));
    const kept = new Set(rows.map((row) => row.id));
    if (whole) for (const row of all(".ticket", node)) if (!kept.has(row.dataset.id)) row.remove();
    for (const id of gone) ticket(id)?.remove();
    for (const { id, html } of rows) put(id, elements(html)[0], !known.has(id));
    if (focused && document.activeElement === document.body) $("a", ticket(focused) || node)?.focus();
    show($("#away"), away);
    mark();
    count();
    changed(whole);
  }

  function put(id, fresh, isNew) {
    tick(fresh);
    fresh.classList.toggle("arrived", isNew);
    const old = ticket(id);
    const list = $(".tickets", groups.get(groupOf(fresh)));
    const after = Array.from(list.children).find((other) => other !== old && before(fresh, other));
    if (old) old.remove();
    list.insertBefore(fresh, after || null);
  }

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
    const links = all(".group:not([hidden]) .ticket-link", node);
    if (!links.length) return;
    const at = links.indexOf(document.activeElement);
    const from = at >= 0 ? at : links.findIndex((link) => link.hasAttribute("aria-current"));
    const next = from < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, from + by));
    links[next].focus();
    links[next].scrollIntoView({ block: "nearest" });
  }

  return { apply, step, waiting, answered, cursor: () => cursor };
}

const ticket = (id) => document.getElementById(`t-${id}`);

/** Whether one row stands before the other: a new red flag, the level, then who has waited longest. */
function before({ dataset: a }, { dataset: b }) {
  const by = Number(b.alarm) - Number(a.alarm) || Number(b.level) - Number(a.level) || Number(a.since) - Number(b.since);
  return by < 0;
}
