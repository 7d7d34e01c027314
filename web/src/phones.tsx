// The phone room: both phones of each call, and what a hand can do on them.

import { useEffect, useState } from "preact/hooks";
import { Icon } from "./icons";
import { act, calls } from "./store";
import type { Call, Phone, Side } from "./types";

const WHO: Record<Side, string> = { caller: "Your phone", callee: "Other party" };
const ENDINGS: Record<string, string> = {
  busy: "Line busy",
  "no-answer": "Rang out",
  reject: "Declined",
  "gave-up": "Caller gave up",
  cancel: "Cancelled",
  offline: "Offline",
};
const LATER: [string, string][] = [
  ["busy", "Busy"],
  ["voicemail", "Voicemail"],
  ["no-answer", "Let it ring out"],
];
const OVER = "Call over. Ready for the next one.";
const IDLE: Record<Side, string> = { caller: "Rings first, when you type /ringout", callee: "Rings once you have answered" };

export const isRinging = (): boolean =>
  calls().some((call) => Object.values(call.phones).some((phone) => phone.state === "ringing"));

function useSecond(): number {
  const [now, tick] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => tick(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function lasted(from: number, to: number): string {
  const seconds = Math.max(0, Math.round((to - from) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** +16505550101 as people write it. */
export function shown(number: string): string {
  const parts = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  return parts ? `(${parts[1]}) ${parts[2]}-${parts[3]}` : number;
}

function said(phone: Phone, call: Call, now: number): string {
  switch (phone.state) {
    case "ringing":
      return "Ringing…";
    case "up":
      return `${phone.machine ? "Voicemail" : "Answered"} · ${lasted(phone.upAt!, now)}`;
    case "hung up":
      return `${phone.machine ? "Voicemail" : "Hung up"} · ${lasted(phone.upAt!, call.overAt ?? now)}`;
    case "ended":
      return ENDINGS[phone.ending] ?? (phone.ending || "Stopped ringing");
    default:
      return "Not rung";
  }
}

function Handset({ side, call, now }: { side: Side; call?: Call; now: number }) {
  const phone = call?.phones[side];
  const state = phone?.state ?? "idle";
  const other = call && call.phones[side === "caller" ? "callee" : "caller"].number;
  const press = (what: string) => () => void act("phone", { call: call!.id, side, what });
  const key = (what: string, label: string, look: string) => (
    <button key={what} type="button" class={`key ${look}`} aria-label={`${WHO[side]}: ${label}`} onClick={press(what)}>{label}</button>
  );
  return (
    <section class={`phone is-${state.replace(" ", "-")}`} aria-label={WHO[side]}>
      <div class="phone-who">{WHO[side]}</div>
      <div class="phone-number">{phone ? shown(phone.number) : "—"}</div>
      <div class="phone-sign"><span><Icon name="phone" /></span></div>
      <div class="phone-state" role="status">{phone && call ? said(phone, call, now) : "No call"}</div>
      {(state === "ringing" || state === "up") && <div class="phone-other">{side === "caller" ? "for" : "from"} {shown(other ?? "")}</div>}
      <div class="keys">
        {state === "ringing" && [key("answer", "Answer", "green"), key("reject", "Decline", "red"), ...LATER.map(([what, label]) => key(what, label, "quiet"))]}
        {state === "up" && key("hangup", "Hang up", "red wide")}
        {(!call || call.overAt !== null || state === "idle") && <p class="phone-hint">{call?.overAt ? OVER : IDLE[side]}</p>}
      </div>
    </section>
  );
}

/** The phones in one row, above the composer, where the room itself does not fit. */
export function Strip() {
  const now = useSecond();
  const call = calls().filter((one) => one.overAt === null).at(-1);
  if (!call) return null;
  const sides: Side[] = ["callee", "caller"];
  const side = sides.find((one) => call.phones[one].state === "ringing") ?? "caller";
  const phone = call.phones[side];
  const isRinging = phone.state === "ringing";
  const press = (what: string) => () => void act("phone", { call: call.id, side, what });
  return (
    <div class="strip" role="group" aria-label={WHO[side]}>
      <Icon name="phone" />
      <span class="strip-text">{isRinging ? `${WHO[side]} rings` : `${WHO[side]} · ${said(phone, call, now).toLowerCase()}`}</span>
      {isRinging && <button type="button" class="key green" aria-label={`${WHO[side]}: Answer`} onClick={press("answer")}>Answer</button>}
      {isRinging && <button type="button" class="key red" aria-label={`${WHO[side]}: Decline`} onClick={press("reject")}>Decline</button>}
      {phone.state === "up" && <button type="button" class="key red" aria-label={`${WHO[side]}: Hang up`} onClick={press("hangup")}>Hang up</button>}
    </div>
  );
}

export function PhoneRoom() {
  const now = useSecond();
  const all = calls();
  const open = all.filter((call) => call.overAt === null);
  const [picked, pick] = useState("");
  const call = open.find((one) => one.id === picked) ?? open.at(-1) ?? all.at(-1);
  return (
    <section class="panel room" aria-labelledby="room">
      <div class="panel-head">
        <h2 id="room">Phones</h2>
        {open.length > 1 && (
          <label class="which">
            <span class="hidden">Which call</span>
            <select value={call?.id} onChange={(event) => pick(event.currentTarget.value)}>
              {open.map((one) => <option key={one.id} value={one.id}>to {shown(one.phones.callee.number)}, {lasted(one.placedAt, now)}</option>)}
            </select>
          </label>
        )}
      </div>
      <div class="phones">
        <Handset side="caller" call={call} now={now} />
        <Handset side="callee" call={call} now={now} />
      </div>
    </section>
  );
}
