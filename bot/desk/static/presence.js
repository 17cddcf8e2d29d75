// Whoever works at the page stays logged in; whoever does not is told in time, and may stay.

import { $, logIn, post, show, tell } from "./page.js";

const TOLD_EVERY = 120_000;
const LOOKED_EVERY = 60_000;
const WARNED_BEFORE = 180; // seconds

/** `warned` is called when the end comes near. */
export function createPresence(warned) {
  const notice = $("#leaving");
  let told = Date.now();
  let looks = 0;

  for (const kind of ["pointerdown", "keydown", "wheel"]) addEventListener(kind, active, { passive: true });
  $("#stay").addEventListener("click", stay);
  setInterval(look, LOOKED_EVERY);

  function active() {
    if (notice.hidden && Date.now() - told > TOLD_EVERY) stay();
  }

  async function stay() {
    told = Date.now();
    await post("/desk/awake");
    look();
  }

  /** What was asked before the last look is no news any more: who has chosen to stay is not warned again. */
  async function look() {
    const mine = ++looks;
    const response = await fetch("/desk/session", { headers: { Accept: "application/json" }, cache: "no-store" }).catch(() => null);
    if (response?.status === 401) return logIn();
    if (!response?.ok) return undefined;
    const { seconds_left: left } = await response.json();
    if (mine !== looks) return undefined;
    const near = left < WARNED_BEFORE;
    if (near) tell($("#leaving-when"), `Anda akan keluar dalam ${Math.max(1, Math.round(left / 60))} menit karena tidak ada kegiatan.`);
    if (near && notice.hidden) warned();
    show(notice, near);
    return undefined;
  }

  look();
}
