// The server's events, for as long as the page is open.
// The browser resumes a broken stream by itself; one that the server refused, or that went silent
// while the phone slept, is opened anew and tells the history again, which the transcript knows how to ignore.

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 20_000;

/** `handlers`: line(data), state(data), connected(), lost(). Returns `{ reopen }`. */
export function listen(address, handlers) {
  let source = null;
  let timer = 0;
  let wait = FIRST_WAIT;

  function open() {
    clearTimeout(timer);
    if (source) source.close();
    source = new EventSource(address);
    source.addEventListener("line", (event) => handlers.line(JSON.parse(event.data)));
    source.addEventListener("state", (event) => handlers.state(JSON.parse(event.data)));
    source.onopen = () => {
      wait = FIRST_WAIT;
      handlers.connected();
    };
    source.onerror = () => {
      handlers.lost();
      if (source.readyState !== EventSource.CLOSED) return;
      clearTimeout(timer);
      timer = setTimeout(() => renewSession().then(open), wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    };
  }

  open();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && open());
  return { reopen: open };
}

/** The page itself sets the cookie; the stream may have been refused for want of one. */
const renewSession = () => fetch("/", { credentials: "same-origin", cache: "no-store" }).catch(() => null);
