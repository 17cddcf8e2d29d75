// How long somebody waits, and how long a window is open: kept right while the page is.

import { all, tell } from "./page.js";

const MINUTE = 60_000;
const HURRY = 4 * 60 * MINUTE;

export function since(at, now = Date.now()) {
  const minutes = Math.max(0, Math.floor((now - at) / MINUTE));
  if (minutes < 1) return "baru saja";
  if (minutes < 60) return `${minutes} m`;
  if (minutes < 1440) return `${Math.floor(minutes / 60)} j ${minutes % 60} m`;
  return `${Math.floor(minutes / 1440)} h`;
}

export function until(at, now = Date.now()) {
  const minutes = Math.floor((at - now) / MINUTE);
  if (at <= now) return "tertutup";
  return minutes < 60 ? `${minutes} m` : `${Math.floor(minutes / 60)} j ${minutes % 60} m`;
}

/** Write every time below `node` anew. */
export function tick(node = document) {
  for (const each of all("time[data-since]", node)) tell(each, since(Number(each.dataset.since)));
  for (const each of all("time[data-until]", node)) tell(each, until(Number(each.dataset.until)));
  for (const each of all(".window[data-closes]", node)) {
    each.classList.toggle("hurry", Number(each.dataset.closes) - Date.now() < HURRY);
  }
}

export function keepTime() {
  tick();
  setInterval(tick, 10_000);
}
