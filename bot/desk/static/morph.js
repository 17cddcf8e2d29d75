// Making a piece of the page look like a newer one of the server, while somebody uses it: only what differs is touched, so
// the focus, an open menu, a half-pressed button and a selection stay where they are.

/** What a thing does or leads to. Where that differs, it is another thing: a press begun on the one must not end as one
 * on the other. */
const MEANING = ["id", "href", "action", "name", "value", "type", "popovertarget", "form"];

/** What belongs to the reader, and not to the server. */
const KEPT = new Set(["open", "disabled", "aria-current"]);

/** Make `now` look like `fresh`. Returns the node that stands there then: `now`, unless it means another thing. */
export function morph(now, fresh) {
  if (now.isEqualNode(fresh)) return now;
  if (!isSame(now, fresh)) {
    now.replaceWith(fresh);
    return fresh;
  }
  if (now.nodeType !== Node.ELEMENT_NODE) {
    now.nodeValue = fresh.nodeValue;
    return now;
  }
  dress(now, fresh);
  fill(now, Array.from(fresh.childNodes));
  return now;
}

function isSame(now, fresh) {
  if (now.nodeName !== fresh.nodeName) return false;
  if (now.nodeType !== Node.ELEMENT_NODE) return true;
  if (now.nodeName === "BUTTON" && now.textContent !== fresh.textContent) return false;
  return MEANING.every((name) => now.getAttribute(name) === fresh.getAttribute(name));
}

function dress(now, fresh) {
  for (const { name } of Array.from(now.attributes)) {
    if (!fresh.hasAttribute(name) && !KEPT.has(name)) now.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (now.getAttribute(name) !== value && !KEPT.has(name)) now.setAttribute(name, value);
  }
}

/** The children that are still there stay themselves; what came and what went is put between them and taken out. */
function fill(now, wanted) {
  let place = now.firstChild;
  for (const [at, fresh] of wanted.entries()) {
    const later = wanted.slice(at + 1);
    let found = place;
    while (found && !isSame(found, fresh)) found = later.some((other) => isSame(found, other)) ? null : found.nextSibling;
    if (!found) {
      now.insertBefore(fresh, place);
      continue;
    }
    while (place !== found) place = dropped(place);
    morph(found, fresh);
    place = found.nextSibling;
  }
  while (place) place = dropped(place);
}

function dropped(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}
