// Replies that stand ready: a list by `/`, arrows to move, Enter to insert.

import { $, all } from "./page.js";

export function createCanned(insert) {
  const menu = $("#canned");
  const rows = all("[data-insert]", menu);
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
  return { open: () => menu.showPopover() };
}
