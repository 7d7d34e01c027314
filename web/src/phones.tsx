// The phone room: both phones of each call, and what a hand can do on them.

import { useEffect, useState } from "preact/hooks";
import { Icon } from "./icons";
import { act, app, calls, owner } from "./store";
import type { Call, Phone, Side } from "./types";

const ENDINGS: Record<string, string> = {
  busy: "Line busy",
  "no-answer": "Rang out",
  reject: "Declined",
  "gave-up": "Caller gave up",
  cancel: "Canceled",
  offline: "Offline",
};
const LATER: [string, string][] = [
  ["busy", "Busy"],
  ["voicemail", "Voicemail"],
  ["no-answer", "Let it ring out"],
];
const OVER = "Call over. Ready for the next one.";
/** What stands before the other phone's number: of a call of ours, and of one that comes in. */
const CALLS: Record<Side, string> = { caller: "for", callee: "from" };
const CALLED: Record<Side, string> = { caller: "from", callee: "to" };
const OWN = "Shared phone";
const IDLE: Record<Side, string> = { caller: "Rings first, when you type /ringout", callee: "Rings once you have answered" };

export const isRinging = (): boolean =>
  calls().some((call) => Object.values(call.phones).some((phone) => phone.state === "ringing"));

/** Look at the clock often enough for every second of a call, which may be short. */
function useSecond(): number {
  const [now, tick] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => tick(Date.now()), Math.max(150, 500 / app().speed));
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** How long a call's part took, in the seconds of the call, which its card tells of, too. */
function lasted(from: number, to: number): string {
  const seconds = Math.max(0, Math.round(((to - from) * app().speed) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** +16505550101 as people write it. */
export function shown(number: string): string {
  const parts = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  return parts ? `(${parts[1]}) ${parts[2]}-${parts[3]}` : number;
}

/** Whose phone it is; what rings first is the phone of who called. */
function nameOf(side: Side, call: Call | undefined, me: string): string {
  if (side === "callee") return "Other party";
  if (call?.isIncoming) return OWN;
  const whose = call && owner(call);
  return !whose || whose.id === me ? "Your phone" : `${whose.realName.split(" ")[0]}'s phone`;
}

/** What the other party does that calls us. */
function calling({ caller }: Call["phones"]): string {
  if (caller.state === "ringing") return "Calling…";
  return caller.machine ? "Leaves a message…" : "Talking";
}

function said(phone: Phone, call: Call, side: Side): string {
  if (call.isIncoming && side === "callee" && call.overAt === null) return calling(call.phones);
  switch (phone.state) {
    case "ringing":
      return "Ringing…";
    case "up":
      return phone.machine ? "Voicemail" : "Answered";
    case "hung up":
      return phone.machine ? "Voicemail" : "Hung up";
    case "ended":
      return ENDINGS[phone.ending] ?? (phone.ending || "Stopped ringing");
    default:
      return "Not rung";
  }
}

function clock(phone: Phone, call: Call, now: number): string {
  if (phone.upAt === null || (phone.state !== "up" && phone.state !== "hung up")) return "";
  return ` · ${lasted(phone.upAt, call.overAt ?? now)}`;
}

function Handset({ side, call, now, me }: { side: Side; call?: Call; now: number; me: string }) {
  const phone = call?.phones[side];
  const state = phone?.state ?? "idle";
  const who = nameOf(side, call, me);
  const isOn = state === "ringing" || state === "up";
  const other = call && call.phones[side === "caller" ? "callee" : "caller"].number;
  const isFree = !call || call.overAt !== null;
  const press = (what: string) => () => void act("phone", { call: call!.id, side, what });
  const later = LATER.filter(([what]) => !call?.isIncoming || what !== "busy");
  const key = (what: string, label: string, look: string) => (
    <button key={what} type="button" class={`key ${look}`} aria-label={`${who}: ${label}`} onClick={press(what)}>{label}</button>
  );
  return (
    <section class={`phone is-${state.replace(" ", "-")}`} aria-label={who} data-refuge tabIndex={-1}>
      <div class="phone-who">{who}</div>
      <div class="phone-number">{phone ? shown(phone.number) : "—"}</div>
      <div class="phone-sign"><span><Icon name="phone" /></span></div>
      <div class="phone-state"><span role="status">{phone && call ? said(phone, call, side) : "No call"}</span>{phone && call && <span aria-hidden="true">{clock(phone, call, now)}</span>}</div>
      <div class="phone-other">{isOn && `${call?.isIncoming ? CALLED[side] : CALLS[side]} ${shown(other ?? "")}`}</div>
      <div class="keys">
        {state === "ringing" && [key("answer", "Answer", "green"), key("reject", "Decline", "red"), ...later.map(([what, label]) => key(what, label, "quiet"))]}
        {state === "up" && key("hangup", "Hang up", "red wide")}
        {(isFree || state === "idle") && <p class="phone-hint">{call?.overAt ? OVER : IDLE[side]}</p>}
        {isFree && side === "callee" && <button type="button" class="key quiet wide" aria-label={`${who}: Call us`} onClick={() => void act("ring")}>Call us</button>}
      </div>
    </section>
  );
}

/** The call that *me* most likely looks for: their own, if there is one. */
function foremost(all: Call[], me: string): Call | undefined {
  return all.filter((one) => owner(one)?.id === me).at(-1) ?? all.at(-1);
}

const open = (): Call[] => calls().filter((call) => call.overAt === null);

/** The phones in one row, above the composer, where the room itself does not fit. */
export function Strip({ me }: { me: string }) {
  const now = useSecond();
  const call = foremost(open(), me);
  if (!call) return null;
  const sides: Side[] = ["callee", "caller"];
  const side = sides.find((one) => call.phones[one].state === "ringing") ?? "caller";
  const phone = call.phones[side];
  const who = nameOf(side, call, me);
  const isRinging = phone.state === "ringing";
  const press = (what: string) => () => void act("phone", { call: call.id, side, what });
  return (
    <div class="strip" role="group" aria-label={who} data-refuge tabIndex={-1}>
      <Icon name="phone" />
      <span class="strip-text">{isRinging ? `${who} rings` : `${who} · ${said(phone, call, side).toLowerCase()}${clock(phone, call, now)}`}</span>
      {isRinging && <button type="button" class="key green" aria-label={`${who}: Answer`} onClick={press("answer")}>Answer</button>}
      {isRinging && <button type="button" class="key red" aria-label={`${who}: Decline`} onClick={press("reject")}>Decline</button>}
      {phone.state === "up" && <button type="button" class="key red" aria-label={`${who}: Hang up`} onClick={press("hangup")}>Hang up</button>}
    </div>
  );
}

export function PhoneRoom({ me }: { me: string }) {
  const now = useSecond();
  const all = open();
  const [picked, pick] = useState("");
  const call = all.find((one) => one.id === picked) ?? foremost(all, me) ?? calls().at(-1);
  return (
    <section class="panel room" aria-labelledby="room">
      <div class="panel-head">
        <h2 id="room">Phones</h2>
        {all.length > 1 && (
          <label class="which">
            <span class="hidden">Which call</span>
            <select value={call?.id} onChange={(event) => pick(event.currentTarget.value)}>
              {all.map((one) => <option key={one.id} value={one.id}>{one.isIncoming ? "From" : `${owner(one)?.realName.split(" ")[0]} to`} {shown(one.phones.callee.number)}, {lasted(one.placedAt, now)}</option>)}
            </select>
          </label>
        )}
      </div>
      <div class="phones">
        <Handset side="caller" call={call} now={now} me={me} />
        <Handset side="callee" call={call} now={now} me={me} />
      </div>
    </section>
  );
}
