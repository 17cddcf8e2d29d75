// Between a click that leads elsewhere and the page that it leads to, this page stands there still, and with a slow network
// for long. What is written then is meant for the next: nothing can be written to the patient who is being left.

const PATIENCE = 15_000; // whoever has stopped the browser from going writes on after so long, or by Escape

export function createParting(talk) {
  let timer = 0;

  // At the window, after all others: what is done by a script leads nowhere.
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (link && leads(link, event)) part();
  });
  addEventListener("submit", (event) => event.defaultPrevented || part());
  document.addEventListener("keydown", (event) => event.key === "Escape" && stay());
  addEventListener("pageshow", stay);

  function part() {
    if (talk.contains(document.activeElement)) document.activeElement.blur();
    talk.inert = true;
    clearTimeout(timer);
    timer = setTimeout(stay, PATIENCE);
  }

  function stay() {
    clearTimeout(timer);
    talk.inert = false;
  }

  /** Go there, unless somebody is already on the way to another place. */
  function leave(to) {
    if (talk.inert) return;
    part();
    location.assign(to);
  }

  return { leave };
}

/** Whether this click leaves the page. */
function leads(link, { button, ctrlKey, metaKey, shiftKey, altKey, defaultPrevented }) {
  if (defaultPrevented || button || ctrlKey || metaKey || shiftKey || altKey) return false;
  if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return false;
  return !link.hash || link.pathname !== location.pathname;
}
