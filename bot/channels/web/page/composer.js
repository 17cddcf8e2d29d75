// The box that the patient writes in: grows with the text, counts near the limit, keeps a draft.

const LIMIT = 4_000;
const WARN_FROM = 3_600;
const DRAFT = "tanyakaki.draft";
const COUNT = new Intl.NumberFormat("id-ID");

/** On phones Enter is a new line and the button sends, as in the apps people know. */
const touch = matchMedia("(hover: none) and (pointer: coarse)");

export function createComposer({ form, field, button, notice }, send) {
  let warning = "";
  field.value = recall();
  touch.addEventListener("change", hintEnter);
  hintEnter();
  update();

  field.addEventListener("input", () => {
    warning = "";
    update();
  });
  addEventListener("resize", grow);
  field.addEventListener("keydown", (event) => {
    const enter = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (!enter || touch.matches) return;
    event.preventDefault();
    submit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  // The button must not take the focus, or a phone's keyboard would close after every message.
  button.addEventListener("pointerdown", (event) => event.preventDefault());

  function submit() {
    const text = field.value.trim();
    if (!text || length(text) > LIMIT) return;
    set("");
    send(text);
  }

  function set(text) {
    field.value = text;
    update();
  }

  /** What could not be sent stands again before what was written since. */
  function putBack(text) {
    set(field.value.trim() ? `${text}\n${field.value}` : text);
  }

  function update() {
    const count = length(field.value.trim());
    button.disabled = count === 0 || count > LIMIT;
    notice.hidden = count < WARN_FROM && !warning;
    notice.classList.toggle("over", count > LIMIT || Boolean(warning));
    const text = warning || (count < WARN_FROM ? "" : limitNotice(count));
    if (notice.textContent !== text) notice.textContent = text;
    field.setAttribute("aria-invalid", String(count > LIMIT));
    remember(field.value);
    grow();
  }

  /** Say what is wrong with something else than the text, until the next letter. */
  function warn(text) {
    warning = text;
    update();
  }

  function grow() {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }

  function hintEnter() {
    field.enterKeyHint = touch.matches ? "enter" : "send";
  }

  return { putBack, warn, focus: () => field.focus(), onPhone: () => touch.matches };
}

/** In characters as a person counts them, which is how the server counts too. */
const length = (text) => Array.from(text).length;

function limitNotice(count) {
  if (count > LIMIT) return `Terlalu panjang ${COUNT.format(count - LIMIT)} karakter. Paling banyak ${COUNT.format(LIMIT)}.`;
  return `${COUNT.format(count)} dari ${COUNT.format(LIMIT)} karakter`;
}

function recall() {
  try {
    return sessionStorage.getItem(DRAFT) || "";
  } catch {
    return "";
  }
}

function remember(text) {
  try {
    sessionStorage.setItem(DRAFT, text);
  } catch {
    // No storage: the draft lives as long as the page.
  }
}
