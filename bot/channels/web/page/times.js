// Times and days as an Indonesian reader writes them, in the reader's own time zone.

const CLOCK = new Intl.DateTimeFormat("id-ID", { hour: "2-digit", minute: "2-digit", hour12: false });
const WEEKDAY = new Intl.DateTimeFormat("id-ID", { weekday: "long" });
const DATE = new Intl.DateTimeFormat("id-ID", { day: "numeric", month: "long", year: "numeric" });
const DAY_LENGTH = 86_400_000;

export const clock = (at) => CLOCK.format(at);

/** Midnight of that day: equal for two moments of one day. */
export const dayOf = (at) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();

export function dayName(day, now = new Date()) {
  const ago = Math.round((dayOf(now) - day) / DAY_LENGTH);
  if (ago === 0) return "Hari ini";
  if (ago === 1) return "Kemarin";
  return ago > 1 && ago < 7 ? WEEKDAY.format(day) : DATE.format(day);
}
