// Files that go with a reply: uploaded as soon as they are chosen, named in the reply when it is sent.

import { smaller } from "/static/chat/picture.js";

import { $, alarm, show, tell, upload } from "./page.js";

const LARGEST = 10 * 1024 * 1024;
const MOST = 5;
const SIZE = new Intl.NumberFormat("id-ID", { maximumFractionDigits: 1 });

/** `changed()` is called whenever there is another file, or one is there or gone. */
export function createAttachments(base, field, changed) {
  const button = $("#attach");
  const input = $("#file");
  const list = $("#attached");
  let files = [];
  let isAllowed = false; // not beside a note

  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const chosen = Array.from(input.files);
    input.value = "";
    add(chosen);
  });
  field.addEventListener("paste", (event) => {
    const pasted = Array.from(event.clipboardData?.files || []);
    if (!pasted.length || button.hidden) return;
    event.preventDefault();
    add(pasted);
  });

  function add(chosen) {
    if (files.length + chosen.length > MOST) return problem(`Paling banyak ${MOST} lampiran dalam satu balasan.`);
    for (const file of chosen) load(file);
  }

  async function load(file) {
    const item = { title: file.name || "Gambar", name: "", node: null };
    files.push(item);
    draw(item, "mengunggah…");
    const body = await smaller(file);
    if (!files.includes(item)) return undefined; // it was taken away meanwhile
    if (body.size > LARGEST) return drop(item, "Berkas terlalu besar. Paling besar 10 MB.");
    const { ok, data } = await upload(`${base}/upload`, body, item.title);
    if (!files.includes(item)) return undefined;
    if (!ok) return drop(item, data.words || "Lampiran tidak terunggah. Coba lagi.");
    item.name = data.name;
    item.size = `${SIZE.format(Math.max(0.1, data.size / 1024 / 1024))} MB`;
    return draw(item, item.size);
  }

  function draw(item, state) {
    const text = document.createElement("span");
    text.textContent = `${item.title} · ${state}`;
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "×";
    remove.setAttribute("aria-label", `Buang lampiran ${item.title}`);
    remove.addEventListener("click", () => drop(item));
    const node = document.createElement("li");
    node.append(text, remove);
    if (item.node) item.node.replaceWith(node);
    else list.append(node);
    item.node = node;
    showList();
    changed();
  }

  function drop(item, words = "") {
    files = files.filter((other) => other !== item);
    item.node.remove();
    item.node = null;
    showList();
    if (words) problem(words);
    changed();
  }

  const showList = () => show(list, isAllowed && files.length > 0);

  function problem(words) {
    tell($("#draft-state"), words);
    $("#draft-state").classList.add("bad");
    alarm(words);
  }

  /** They go with a reply; what comes later goes with the next. */
  function take() {
    const taken = files;
    for (const item of [...taken]) drop(item);
    return taken;
  }

  /** The reply came back, and they with it. */
  function back(items) {
    files = [...items, ...files];
    for (const item of items) draw(item, item.size);
  }

  return {
    take,
    back,
    allow: (allowed) => {
      isAllowed = allowed;
      show(button, allowed);
      showList();
    },
    count: () => files.length,
    isBusy: () => files.some(({ name }) => !name),
    names: () => files.map(({ name }) => name),
  };
}
