// The bot answers at once. Lines that all appear in one instant are hard to follow, so the typing dots come first
// for a moment, as with a person. What is urgent, or was not waited for, is shown without delay.

const BEFORE_FIRST = 400; // milliseconds
const BETWEEN = 300;

/** `show(line)` puts a line on the page, `typing(on)` shows the dots. Returns `{ take, flush }`. */
export function createPace(show, typing) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let queue = [];
  let timer = 0;

  function take(line) {
    const atOnce = line.who !== "bot" || line.emergency || document.hidden || calm.matches;
    queue.push(line);
    if (atOnce) flush();
    else if (!timer) wait(BEFORE_FIRST);
  }

  function wait(time) {
    typing(true);
    timer = setTimeout(next, time);
  }

  function next() {
    timer = 0;
    if (queue.length < 2) typing(false);
    show(queue.shift());
    if (queue.length) wait(BETWEEN);
  }

  function flush() {
    clearTimeout(timer);
    timer = 0;
    typing(false);
    const lines = queue;
    queue = [];
    for (const line of lines) show(line);
  }

  return { take, flush };
}
