// Keeps the newest in view while the reader is there, and stays where they are once they scroll up.
// An answer longer than the screen is shown from its beginning, not from its end.

const NEAR = 48;
const MARGIN = 12;

/** `newest()` gives the last row of the conversation, or null. */
export function createScroll(scroller, pill, newest) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let following = true; // the reader has not scrolled up
  let target = 0; // where the last movement of ours ends; a smooth one takes a while to get there
  let keepInView = null; // the row that was newest when the reader had last seen everything
  let lastTop = 0;
  let unseen = 0;

  const furthest = () => scroller.scrollHeight - scroller.clientHeight;
  const hiddenBelow = () => furthest() - (following ? Math.max(scroller.scrollTop, target) : scroller.scrollTop);
  const seenAll = () => hiddenBelow() < NEAR;

  scroller.addEventListener("scroll", () => {
    const top = scroller.scrollTop;
    if (furthest() - top < NEAR) {
      following = true;
      target = top;
      unseen = 0;
    } else if (top < lastTop - 1) {
      following = false;
    }
    lastTop = top;
    label();
  });
  pill.addEventListener("click", () => {
    toEnd();
    scroller.focus({ preventScroll: true });
  });

  let wasSeenAll = true;
  new ResizeObserver(() => wasSeenAll && toEnd({ smooth: false })).observe(scroller);

  /** Do `change`, which adds `count` messages, and then show them if the reader is at the end. */
  function around(change, count = 0) {
    if (seenAll()) keepInView = newest();
    change();
    const limit = keepInView && keepInView.isConnected ? keepInView.offsetTop - MARGIN : Infinity;
    if (following) move(Math.max(Math.min(furthest(), limit), scroller.scrollTop));
    else unseen += count;
    label();
  }

  function toEnd({ smooth = true } = {}) {
    following = true;
    unseen = 0;
    move(furthest(), smooth);
    label();
  }

  function move(top, smooth = true) {
    target = top;
    scroller.scrollTo({ top, behavior: smooth && !calm.matches ? "smooth" : "auto" });
  }

  function label() {
    wasSeenAll = seenAll();
    pill.hidden = wasSeenAll;
    pill.classList.toggle("news", unseen > 0);
    const text = unseen > 1 ? `${unseen} pesan baru` : unseen === 1 ? "Pesan baru" : "Ke pesan terbaru";
    if (pill.lastElementChild.textContent !== text) pill.lastElementChild.textContent = text;
  }

  return { around, toEnd };
}
