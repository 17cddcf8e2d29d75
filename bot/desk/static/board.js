// The desk's working pages: the queue, and the conversation that is open beside it.

import { createBell } from "./bell.js";
import { createComposer } from "./composer.js";
import { createKeys } from "./keys.js";
import { $, show } from "./page.js";
import { createParting } from "./parting.js";
import { createPresence } from "./presence.js";
import { createQueue } from "./queue.js";
import { listen } from "./stream.js";
import { createActs, createDrawer, createThread } from "./thread.js";
import { keepTime } from "./times.js";

const LOST_PATIENCE = 3_000;

const desk = $(".desk");
const { conversation, reference, stream } = desk.dataset;
const base = conversation ? `/desk/c/${conversation}` : "";
const bell = createBell($("#sound"), $(".queue").dataset.me);
const queue = createQueue($(".queue"), conversation, (whole) => ring(whole));
const composer = $("#composer") ? createComposer($("#composer"), base, reference, $(".queue").dataset.me) : null;
const thread = conversation ? createThread(base, composer) : null;

keepTime();
createKeys(queue, composer);
ring(true);
createPresence(() => bell.chime());
if (conversation) {
  createDrawer();
  createActs(composer, createParting($(".talk")).leave);
  greet();
}

let lost = 0;
listen(
  () => `${stream}?board=${queue.cursor()}${thread ? `&after=${thread.last()}` : ""}`,
  { rows: queue.apply, ...(thread || {}) },
  (connected) => {
    clearTimeout(lost);
    const place = $("#lost") || $("#away");
    if (connected && place.id === "lost") show(place, false);
    else if (!connected) lost = setTimeout(() => show(place, true), LOST_PATIENCE);
  },
);

function ring(first) {
  bell.update(queue.waiting(), queue.answered(), first);
}

/** Who opens a conversation of their own goes on writing; others read first. */
function greet() {
  const own = $("#composer")?.dataset.mine === "1";
  const phone = matchMedia("(hover: none) and (pointer: coarse)").matches;
  if (own && !phone && !composer.isShut()) composer.field.focus();
  else $("#talk-title").focus({ preventScroll: true });
}

document.body.classList.add("ready");
