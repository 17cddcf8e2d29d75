// The keyboard. Single letters can be switched off (WCAG 2.1.4), and never act while somebody writes.

import { $, kept, say } from "./page.js";

const KEY = "desk.keys";

export function createKeys(queue, composer) {
  const help = $("#help");
  const onOff = $("#keys-on");
  onOff.checked = kept.get(KEY) !== "off";
  onOff.addEventListener("change", () => kept.set(KEY, onOff.checked ? "on" : "off"));
  $("#help-open").hidden = false;
  $("#help-open").addEventListener("click", () => help.showModal());
  $("#help-close").addEventListener("click", () => help.close());

  /** What is done with the conversation that stands here; not with one that is being left. */
  const here = (deed) => () => $(".talk").inert || deed();

  const deeds = {
    j: () => queue.step(1),
    k: () => queue.step(-1),
    r: here(() => composer?.write("reply")),
    n: here(() => composer?.write("note")),
    e: here(end),
    "?": () => help.showModal(),
  };

  function end() {
    if ($("#close-open")) $("#close").showPopover();
    else if (composer) say("Ambil percakapan ini dulu, lalu tutup.");
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const field = event.target.closest("input, textarea, select, [contenteditable]");
    // A field of a dialog that was closed keeps the focus until the browser draws anew: nobody writes there.
    const writing = field?.checkVisibility() ? field : null;
    if (event.key === "Escape" && writing && writing.id === "text") {
      writing.blur();
      $("#log").focus({ preventScroll: true });
      return;
    }
    const isOpen = $("dialog[open]") || $(":popover-open");
    if (writing || isOpen || !onOff.checked || !(event.key in deeds)) return;
    event.preventDefault();
    deeds[event.key]();
  });
}
