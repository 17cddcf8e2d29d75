// The one stream of an open page. The browser resumes a broken one by itself, with the id of the last event; one that the
// server refused, or that died while the machine slept, is opened anew.

import { isLoggedIn, logIn } from "./page.js";

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 20_000;
const SILENCE = 40_000; // the server says something every fifteen seconds
const EVENTS = ["rows", "line", "delivery", "head", "card", "state", "gone"];

/** `address()` gives the URL with the newest cursors; `handlers` has a function for each kind of event. */
export function listen(address, handlers, connection) {
  let source = null;
  let timer = 0;
  let watch = 0;
  let wait = FIRST_WAIT;

  function open() {
    close();
    source = new EventSource(address());
    for (const kind of EVENTS) {
      source.addEventListener(kind, (event) => {
        heard();
        handlers[kind]?.(JSON.parse(event.data), event.lastEventId);
      });
    }
    source.addEventListener("ended", ended);
    source.onopen = () => {
      wait = FIRST_WAIT;
      connection(true);
      heard();
    };
    source.onerror = () => {
      connection(false);
      if (source.readyState === EventSource.CLOSED) ended();
    };
  }

  function heard() {
    clearTimeout(watch);
    watch = setTimeout(open, SILENCE);
  }

  async function ended() {
    close();
    connection(false);
    if (!(await isLoggedIn())) return logIn();
    timer = setTimeout(open, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
    return undefined;
  }

  function close() {
    clearTimeout(timer);
    clearTimeout(watch);
    if (source) source.close();
  }

  open();
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && open());
  addEventListener("online", open);
}
