// The web chat: what the server tells becomes rows, what the patient does becomes posts.

import { createAttachments } from "./attach.js";
import { createComposer } from "./composer.js";
import { createOutbox } from "./outbox.js";
import { createPace } from "./pace.js";
import { createScroll } from "./scroll.js";
import { listen } from "./stream.js";
import { createTranscript } from "./transcript.js";

const HISTORY_PATIENCE = 1_500; // milliseconds without a word of the server after which the history is taken as told
const ECHO_PATIENCE = 6_000; // what the server accepted should stand in the stream by then
const LOST_PATIENCE = 2_500; // a shorter break of the stream is not worth a banner
const SLEPT = 30_000;

const SUBTITLES = {
  bot: "Asisten otomatis soal kram dan kedutan kaki",
  waiting: "Menunggu petugas klinik",
};

const page = Object.fromEntries(
  ["log", "lines", "typing", "welcome", "newest", "subtitle", "banner", "alert", "composer", "message", "send", "limit", "attach", "file"].map(
    (id) => [id, document.getElementById(id)],
  ),
);

let loading = true;
let quiet = 0;
let state = { mode: "bot", typing: false };
let pacing = false;
let person = null;
let unread = 0;

const outbox = createOutbox("/chat/messages", (message) => {
  scroll.around(() => transcript.update(message));
  if (message.state === "sent") expectEcho(message);
});

const transcript = createTranscript(page.lines, {
  choose(body, byKeyboard) {
    send(body);
    // The tapped button is gone. On a phone the composer would bring up the keyboard.
    if (byKeyboard || !composer.onPhone()) composer.focus();
    else page.log.focus({ preventScroll: true });
  },
  retry: (line) => (line.file ? attachments.retry(line.message) : outbox.retry()),
  takeBack(message) {
    outbox.remove(message.client_id);
    attachments.remove(message.client_id);
    transcript.takeBack(message.client_id);
    if (message.text) composer.putBack(message.text);
    composer.focus();
  },
});

const scroll = createScroll(page.log, page.newest, () => page.lines.lastElementChild);

const composer = createComposer(
  { form: page.composer, field: page.message, button: page.send, notice: page.limit },
  (text) => send({ text }),
);

const attachments = createAttachments(
  { button: page.attach, input: page.file },
  {
    show(message) {
      page.welcome.hidden = true;
      scroll.around(() => transcript.show(message));
      if (message.state === "sending") scroll.toEnd();
    },
    tell: (text) => composer.warn(text),
    sent: expectEcho,
  },
);

for (const starter of page.welcome.querySelectorAll("[data-say]")) {
  starter.addEventListener("click", () => send({ text: starter.dataset.say }));
}

for (const message of outbox.waiting()) transcript.show(message);
outbox.pump();

const pace = createPace(showLine, (on) => {
  pacing = on;
  showTyping();
});

const stream = listen("/chat/events", {
  line: receive,
  state(now) {
    state = now;
    historyIsTold();
    showTyping();
  },
  connected() {
    showConnection(true);
    if (loading) quiet = setTimeout(historyIsTold, HISTORY_PATIENCE);
    outbox.retry();
  },
  lost: () => showConnection(false),
});

function send(body) {
  const message = outbox.add(body);
  pace.flush();
  page.welcome.hidden = true;
  transcript.show(message);
  scroll.toEnd();
}

function receive(line) {
  if (line.client_id) {
    outbox.remove(line.client_id);
    attachments.remove(line.client_id);
  }
  if (line.who === "staff") person = line.name;
  if (loading) transcript.add(line);
  else if (!transcript.has(line)) pace.take(line);
}

function showLine(line) {
  const own = line.who === "patient";
  scroll.around(() => {
    transcript.add(line);
    welcome();
  }, own ? 0 : 1);
  if (own) return;
  if (line.emergency) page.alert.textContent = "Keadaan darurat. Telepon 119 atau 112 sekarang.";
  if (document.hidden) countUnread(unread + 1);
}

// The history is drawn in silence: no screen reader speaks, nothing moves. Then the page comes alive.
function historyIsTold() {
  clearTimeout(quiet);
  if (!loading) return;
  loading = false;
  welcome();
  scroll.toEnd({ smooth: false });
  page.log.setAttribute("aria-busy", "false");
  page.log.setAttribute("aria-live", "polite");
  document.body.classList.add("ready");
}

function welcome() {
  page.welcome.hidden = !transcript.isEmpty();
}

function showTyping() {
  const typing = state.typing || pacing;
  const text = typing ? `${speaker()} sedang mengetik…` : subtitle();
  if (page.subtitle.textContent !== text) page.subtitle.textContent = text;
  page.subtitle.classList.toggle("busy", typing);
  if (page.typing.hidden === typing) scroll.around(() => (page.typing.hidden = !typing));
}

function speaker() {
  return state.mode === "staff" ? person || "Petugas klinik" : "Tanya Kaki";
}

function subtitle() {
  if (state.mode === "staff") return `Anda berbicara dengan ${person || "petugas klinik"}`;
  return SUBTITLES[state.mode] || SUBTITLES.bot;
}

// Connection

let connected = true;
let lostTimer = 0;

function showConnection(now) {
  connected = now;
  clearTimeout(lostTimer);
  if (now && navigator.onLine) banner("");
  else lostTimer = setTimeout(tellLost, navigator.onLine ? LOST_PATIENCE : 0);
}

function tellLost() {
  banner(
    navigator.onLine
      ? "Sambungan terputus, sedang menyambung lagi. Pesan Anda tetap tersimpan."
      : "Tidak ada internet. Pesan Anda dikirim setelah tersambung lagi. Telepon 119 tetap bisa.",
  );
}

function banner(text) {
  page.banner.textContent = text;
  page.banner.classList.toggle("shown", Boolean(text));
}

addEventListener("offline", () => showConnection(false));
addEventListener("online", () => {
  stream.reopen();
  outbox.retry();
});

function expectEcho({ client_id }) {
  setTimeout(() => {
    if (connected && outbox.waiting().some((message) => message.client_id === client_id)) stream.reopen();
  }, ECHO_PATIENCE);
}

// A phone that slept may hold a stream that is dead without knowing.
let hiddenSince = 0;
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    hiddenSince = Date.now();
    return;
  }
  countUnread(0);
  transcript.refresh();
  if (Date.now() - hiddenSince > SLEPT) stream.reopen();
});

function countUnread(count) {
  unread = count;
  document.title = count ? `(${count}) Tanya Kaki` : "Tanya Kaki";
}

// iOS lays its keyboard over the page and says so only here.
if (window.visualViewport) {
  const fit = () => {
    const { height, scale, offsetTop } = visualViewport;
    const covered = innerHeight - height;
    const style = document.documentElement.style;
    if (scale > 1.05) return;
    style.setProperty("--visible", covered > 80 ? `${height}px` : "");
    style.setProperty("--shifted", covered > 80 ? `${offsetTop}px` : "");
  };
  visualViewport.addEventListener("resize", fit);
  visualViewport.addEventListener("scroll", fit);
}
