// What calls somebody who looks elsewhere: the count in the title, a sound, a notification. It says nothing of a patient
// but the reference, and comes again until the conversation is taken.

import { $, alarm, kept, say } from "./page.js";
import { since } from "./times.js";

const KEY = "desk.sound";
const RANG = "desk.rang";
const AGAIN = { alarm: 20_000, waiting: 60_000 };
const ONE_TAB = 3_000; // several tabs of one browser ring once

export function createBell(button, me) {
  const title = document.title;
  const rung = new Map(); // conversation -> when it rang last
  let audio = null;
  let waiting = [];
  let heard = new Map(); // one's own patient -> how many of their messages nobody has read
  let on = kept.get(KEY) === "on";

  draw();
  show(button);
  button.addEventListener("click", toggle);
  // Browsers let a page sound only after somebody has touched it.
  addEventListener("pointerdown", () => on && wake(), { once: true });
  addEventListener("keydown", () => on && wake(), { once: true });
  setInterval(ring, 5_000);

  /** `rows` wait or alarm; `answers` are one's own patients who have written. */
  function update(rows, answers, first) {
    waiting = rows;
    const count = rows.length + answers.length;
    document.title = count ? `(${count}) ${title}` : title;
    if (answers.some(({ dataset }) => Number(dataset.unread) > (heard.get(dataset.id) || 0)) && !first) answer();
    heard = new Map(answers.map(({ dataset }) => [dataset.id, Number(dataset.unread)]));
    const ids = new Set(rows.map(({ dataset }) => dataset.id));
    for (const id of rung.keys()) if (!ids.has(id)) rung.delete(id);
    if (!first) announce(rows);
    ring();
  }

  function announce(rows) {
    const fresh = rows.filter(({ dataset }) => !rung.has(dataset.id));
    const grave = fresh.find(({ dataset }) => dataset.alarm === "1" && concerns(dataset));
    if (grave) alarm(`Tanda bahaya baru, rujukan ${reference(grave)}.`);
    else if (fresh.length) say(`${rows.length} pasien menunggu.`);
  }

  /** A red flag of a colleague's patient is shown to all and rings for those who may take it. */
  const concerns = ({ owner }) => !owner || owner === me;

  function ring() {
    const now = Date.now();
    const due = waiting.filter(({ dataset }) => {
      const again = dataset.alarm === "1" ? AGAIN.alarm : AGAIN.waiting;
      return concerns(dataset) && now - (rung.get(dataset.id) ?? -Infinity) >= again;
    });
    if (!due.length) return;
    for (const row of due) rung.set(row.dataset.id, now);
    if (!on || now - Number(kept.get(RANG)) < ONE_TAB) return;
    kept.set(RANG, String(now));
    const grave = due.some(({ dataset }) => dataset.alarm === "1");
    chime(grave);
    if (document.hidden || !document.hasFocus()) notify(due, grave);
  }

  /** An own patient has answered: once, softly. */
  function answer() {
    say("Pasien Anda membalas.");
    if (on) play([740]);
  }

  function chime(grave) {
    play(grave ? [880, 660, 880, 660] : [660, 880]);
  }

  function play(notes) {
    if (!audio || audio.state !== "running") return;
    notes.forEach((pitch, place) => tone(pitch, audio.currentTime + place * 0.18));
  }

  function tone(pitch, at) {
    const gain = audio.createGain();
    const note = audio.createOscillator();
    note.frequency.value = pitch;
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(0.18, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.3);
    note.connect(gain).connect(audio.destination);
    note.start(at);
    note.stop(at + 0.32);
  }

  function notify(due, grave) {
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    const longest = Math.min(...waiting.map(({ dataset }) => Number(dataset.since)));
    const call = new Notification(grave ? "Tanda bahaya baru" : `${waiting.length} pasien menunggu`, {
      body: `Rujukan ${due.map(reference).slice(0, 3).join(", ")}. Paling lama ${since(longest)}.`,
      tag: "tanyakaki-desk",
      renotify: true,
      icon: "/static/chat/icon.svg",
    });
    call.onclick = () => {
      focus();
      call.close();
    };
  }

  async function toggle() {
    on = !on;
    kept.set(KEY, on ? "on" : "off");
    draw();
    if (!on) return;
    wake();
    chime(false);
    if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
  }

  function wake() {
    audio = audio || new AudioContext();
    audio.resume();
  }

  function draw() {
    button.setAttribute("aria-pressed", String(on));
    $("use", button).setAttribute("href", on ? "#icon-bell" : "#icon-bell-off");
    button.title = on ? "Suara dan pemberitahuan menyala" : "Suara dan pemberitahuan mati";
  }

  return { update, chime: () => on && chime(false) };
}

const reference = ({ dataset }) => dataset.id.slice(0, 6).toUpperCase();

function show(node) {
  node.hidden = false;
}
