// The options of a question, as buttons: one tap for a single choice; ticks and "Selesai" for several.

import { element } from "./markup.js";
import { icon } from "./icon.js";

/** `choose(body, byKeyboard)` gets the body to post: {option, label, under} or {options, label, under}, which is the number of
 * the line: a tap answers the question that it stood under, and no other. `ticked` are ids that were ticked before. */
export function choices({ n: under, options, asks }, chosen, ticked = []) {
  const choose = (body, event) => {
    // The second of two quick taps was meant for the question that has just gone.
    if (event.detail < 2) chosen({ ...body, under }, byKeyboard(event));
  };
  const several = asks && asks.kind === "multi" ? options.filter(({ id }) => asks.ids.includes(id)) : [];
  const single = options.filter((option) => !several.includes(option));
  return several.length ? checklist(several, single, choose, ticked) : group("Pilihan jawaban", singles(single, choose));
}

function group(label, ...children) {
  const node = element("div", "choices", ...children);
  node.setAttribute("role", "group");
  node.setAttribute("aria-label", label);
  return node;
}

function singles(options, choose) {
  const row = element("div", options.length <= 3 ? "choice-row few" : "choice-row");
  for (const { id, label } of options) {
    const button = pushButton("choice", label);
    button.addEventListener("click", (event) => choose({ option: id, label }, event));
    row.append(button);
  }
  return row;
}

function checklist(several, single, choose, before) {
  const ticked = new Set(before.filter((id) => several.some((option) => option.id === id)));
  const done = pushButton("choice primary", "Selesai");
  const list = element("div", "choice-ticks");
  for (const { id, label } of several) {
    const button = pushButton("choice tick", element("span", "box", icon("tick")), breakable(label));
    button.dataset.id = id;
    const show = () => {
      button.setAttribute("aria-pressed", String(ticked.has(id)));
      done.disabled = ticked.size === 0;
      done.textContent = ticked.size ? `Selesai (${ticked.size})` : "Selesai";
    };
    button.addEventListener("click", () => {
      if (!ticked.delete(id)) ticked.add(id);
      show();
    });
    show();
    list.append(button);
  }
  done.addEventListener("click", (event) => {
    const chosen = several.filter(({ id }) => ticked.has(id));
    const body = { options: chosen.map(({ id }) => id), label: chosen.map(({ label }) => label).join(", ") };
    choose(body, event);
  });
  const answers = element("div", "choice-answers", done, singles(single, choose));
  return group("Pilihan jawaban, boleh lebih dari satu", list, answers);
}

function pushButton(className, ...children) {
  const button = element("button", className, ...children);
  button.type = "button";
  return button;
}

/** "Antidepresi/tramadol" may break after the stroke. */
function breakable(label) {
  const parts = label.split("/").flatMap((part, index) => (index ? ["/", element("wbr"), part] : [part]));
  return element("span", "", ...parts);
}

const byKeyboard = (event) => event.detail === 0;
