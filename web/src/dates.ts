// Slack's date tokens, in the viewer's zone (Slack docs, "Formatting text", "Dates").

const DAY = 86_400_000;
const HALF_A_YEAR = 182 * DAY;

function show(at: Date, options: Intl.DateTimeFormatOptions): string {
  // "8:05 AM" stays on one line.
  return new Intl.DateTimeFormat("en-US", options).format(at).replace(/\s([AP]M)$/, "\u00a0$1");
}

function ordinal(day: number): string {
  const isTeen = day % 100 >= 11 && day % 100 <= 13;
  const ending = isTeen ? "th" : ({ 1: "st", 2: "nd", 3: "rd" }[day % 10] ?? "th");
  return `${day}${ending}`;
}

function midnight(at: Date): number {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}

/** "today" and its neighbors, or nothing. */
function near(at: Date, now: Date): string {
  const days = Math.round((midnight(at) - midnight(now)) / DAY);
  return { [-1]: "yesterday", 0: "today", 1: "tomorrow" }[days] ?? "";
}

function year(at: Date, now: Date): string {
  return Math.abs(at.getTime() - now.getTime()) < HALF_A_YEAR ? "" : `, ${at.getFullYear()}`;
}

function ago(at: Date, now: Date): string {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1000);
  const units: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86_400], ["hour", 3_600], ["minute", 60]];
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return new Intl.RelativeTimeFormat("en-US").format(Math.trunc(seconds / size), unit);
}

const two = (value: number): string => String(value).padStart(2, "0");
const date = (at: Date, now: Date, weekday: string): string =>
  `${weekday}${show(at, { month: "long" })} ${ordinal(at.getDate())}${year(at, now)}`;
const short = (at: Date, now: Date): string => show(at, { month: "short", day: "numeric" }) + year(at, now);
const long = (at: Date, now: Date): string => date(at, now, `${show(at, { weekday: "long" })}, `);

const TOKENS: Record<string, (at: Date, now: Date) => string> = {
  date_num: (at) => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
  date_slash: (at) => `${two(at.getMonth() + 1)}/${two(at.getDate())}/${at.getFullYear()}`,
  date: (at, now) => date(at, now, ""),
  date_pretty: (at, now) => near(at, now) || date(at, now, ""),
  date_short: short,
  date_short_pretty: (at, now) => near(at, now) || short(at, now),
  date_long: long,
  date_long_full: long,
  date_long_pretty: (at, now) => near(at, now) || long(at, now),
  day_divider_pretty: (at, now) => near(at, now) || long(at, now),
  time: (at) => show(at, { hour: "numeric", minute: "2-digit" }),
  time_secs: (at) => show(at, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
  ago,
};

/** Fill *format*'s tokens; a token that nobody knows gives the *fallback* instead. */
export function formatted(seconds: number, format: string, fallback: string): string {
  const at = new Date(seconds * 1000);
  const names = [...format.matchAll(/\{(\w+)\}/g)].map((each) => each[1]!);
  if (Number.isNaN(at.getTime()) || !names.every((name) => name in TOKENS)) return fallback;
  const now = new Date();
  return format.replace(/\{(\w+)\}/g, (_, name: string) => TOKENS[name]!(at, now));
}

export const clock = (ts: string): string => formatted(Number(ts), "{time}", "");
export const day = (ts: string): string => {
  const text = formatted(Number(ts), "{date_long_pretty}", "");
  return text.charAt(0).toUpperCase() + text.slice(1);
};
export const exact = (milliseconds: number): string =>
  show(new Date(milliseconds), { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
