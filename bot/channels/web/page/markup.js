// Text with the tiny markup of chat apps, as DOM nodes. Nothing here is ever parsed as HTML.
//
//   *bold*   _italic_   "- " and "1. " at the start of a line   blank line: new paragraph
//   https://… becomes a link; 119, 112 and telephone numbers become tel: links where `call` is set.
//
// No look-behind in the patterns: phones that are some years old would refuse the whole module.

const BULLET = /^\s*[-•]\s+(.*)$/u;
const NUMBERED = /^\s*(\d{1,3})[.)]\s+(.*)$/u;
const TRAILING = /[.,;:!?)\]*_'"»”]+$/u;

/** What stands inside a line: where it may begin, how it reads, what it becomes. */
const RULES = [
  {
    pattern: /https:\/\/[^\s<>"]+/uy,
    node: ([found]) => link(found),
  },
  {
    pattern: /\*(?=[^\s*])([^*\n]*[^\s*])\*(?![\p{L}\p{N}*])/uy,
    begins: (left) => !/[\p{L}\p{N}*]$/u.test(left),
    node: ([, inner], call) => [element("strong", "", ...inline(inner, call))],
  },
  {
    pattern: /_(?=[^\s_])([^_\n]*[^\s_])_(?![\p{L}\p{N}_])/uy,
    begins: (left) => !/[\p{L}\p{N}_]$/u.test(left),
    node: ([, inner], call) => [element("em", "", ...inline(inner, call))],
  },
  {
    // "119 / 112" are two numbers to call; "119/80" is a blood pressure.
    pattern: /11[29](?![\d%]|[.,-]\d|\s?\/\s?(?!11[29](?!\d))\d)/uy,
    begins: (left) =>
      !/[\p{L}\d+]$|\d[.,-]$/u.test(left) && (!/\d\s?\/\s?$/u.test(left) || /11[29]\s?\/\s?$/u.test(left)),
    calls: true,
    node: ([found]) => telephone(found),
  },
  {
    pattern: /(?:\+62|\(0\d{2,3}\)|0\d{2,3})[\d\s-]{6,14}\d(?![\p{L}\d])/uy,
    begins: (left) => !/[\p{L}\d+./-]$/u.test(left),
    calls: true,
    node: ([found]) => telephone(found),
  },
];

export function element(name, className = "", ...children) {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

/** A fragment for `text`. With `call`, telephone numbers can be tapped. */
export function markup(text, { call = false } = {}) {
  const fragment = document.createDocumentFragment();
  for (const block of blocks(text)) fragment.append(blockNode(block, call));
  return fragment;
}

function blocks(text) {
  const found = [];
  let open = null;
  for (const line of text.replace(/\r\n?/gu, "\n").split("\n")) {
    const { kind, content, start } = classify(line);
    if (kind === "blank") {
      if (open && open.kind === "p") open = null;
      continue;
    }
    if (!open || open.kind !== kind) found.push((open = { kind, start, lines: [] }));
    open.lines.push(content);
  }
  return found;
}

function classify(line) {
  if (!line.trim()) return { kind: "blank" };
  const bullet = BULLET.exec(line);
  if (bullet) return { kind: "ul", content: bullet[1] };
  const numbered = NUMBERED.exec(line);
  if (numbered) return { kind: "ol", content: numbered[2], start: Number(numbered[1]) };
  return { kind: "p", content: line };
}

function blockNode({ kind, lines, start }, call) {
  const node = element(kind);
  if (kind === "ol" && start !== 1) node.start = start;
  lines.forEach((line, index) => {
    const parts = inline(line, call);
    if (kind !== "p") node.append(element("li", "", ...parts));
    else node.append(...(index ? [element("br")] : []), ...parts);
  });
  return node;
}

function inline(text, call) {
  const nodes = [];
  let plainFrom = 0;
  for (let at = 0; at < text.length; ) {
    const found = matchAt(text, at, call);
    if (!found) {
      at += 1;
      continue;
    }
    nodes.push(text.slice(plainFrom, at), ...found.nodes);
    plainFrom = at += found.length;
  }
  nodes.push(text.slice(plainFrom));
  return nodes.filter((node) => node !== "");
}

function matchAt(text, at, call) {
  if (!/[h*_+(01]/u.test(text[at])) return null;
  for (const { pattern, begins, calls, node } of RULES) {
    if (calls && !call) continue;
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match && (!begins || begins(text.slice(Math.max(0, at - 8), at)))) {
      return { nodes: node(match, call), length: match[0].length };
    }
  }
  return null;
}

function link(found) {
  const address = found.replace(TRAILING, "");
  const anchor = element("a", "", address);
  anchor.href = address;
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer nofollow";
  return [anchor, found.slice(address.length)];
}

function telephone(found) {
  const digits = found.replace(/[^\d+]/gu, "");
  if (digits.length > 3 && (digits.length < 9 || digits.length > 15)) return [found];
  const anchor = element("a", "tel", found);
  anchor.href = `tel:${digits}`;
  return [anchor];
}
