// The server's items as they are now, and the one way to have something done.

import { useEffect, useReducer } from "preact/hooks";
import type { Bot, Budget, Call, Channel, Json, Message, Request, Story, User, View } from "./types";

const items = new Map<string, any>();
const listeners = new Set<() => void>();
const notes: Message[] = [];
let isLinked = false;
let hasPicture = false;

function changed(): void {
  for (const listener of listeners) listener();
}

export function connect(): void {
  const source = new EventSource("events");
  source.onopen = () => {
    isLinked = true;
    changed();
  };
  source.onerror = () => {
    isLinked = false;
    changed();
  };
  source.onmessage = (event) => {
    const told = JSON.parse(event.data) as { whole?: boolean; set: Json; gone: string[] };
    if (told.whole) items.clear();
    for (const [key, item] of Object.entries(told.set)) items.set(key, item);
    for (const key of told.gone) items.delete(key);
    hasPicture = true;
    changed();
  };
}

/** Draw again whenever anything changes. */
export function useStore(): void {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const listener = () => draw(undefined as never);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
}

function every<T>(kind: string): T[] {
  const found: T[] = [];
  for (const [key, item] of items) if (key.startsWith(kind)) found.push(item);
  return found;
}

export const linked = (): boolean => isLinked;
export const ready = (): boolean => hasPicture;
export const app = (): Json => items.get("app");
export const bot = (): Bot => items.get("bot");
export const story = (): string => items.get("story").name;
export const stories = (): Story[] => items.get("stories").all;
export const budgets = (): Budget[] => items.get("budgets").all;
export const user = (id: string): User | undefined => items.get(`user:${id}`);
export const users = (): User[] => every("user:");
export const people = (): User[] => users().filter((one) => !one.isBot);
export const channel = (id: string): Channel | undefined => items.get(`channel:${id}`);
/** The app's shortcuts: of messages, or those that begin anywhere. */
export const shortcuts = (type: "message" | "global"): Json[] => (app().manifest.features.shortcuts ?? []).filter((one: Json) => one.type === type);
export const channels = (): Channel[] => every("channel:");
export const views = (): View[] => every("view:");
export const calls = (): Call[] => every<Call>("call:").sort((a, b) => a.placedAt - b.placedAt);
export const request = (id: string): Request | undefined => items.get(`request:${id}`);
export const requests = (): Request[] => every<Request>("request:").sort((a, b) => a.at - b.at);

const byTime = (a: Message, b: Message): number => Number(a.ts) - Number(b.ts);

/** What *me* sees in a channel: its roots, or the replies under one. */
export function messages(me: string, place: string, thread = ""): Message[] {
  return [...every<Message>("message:"), ...notes]
    .filter((one) => one.channel === place && one.thread === thread)
    .filter((one) => !one.onlyFor || one.onlyFor === me)
    .sort(byTime);
}

export function message(ts: string): Message | undefined {
  return items.get(`message:${ts}`);
}

/** How many replies a message has. */
export function replies(message: Message): number {
  return every<Message>("message:").filter((one) => one.thread === message.ts).length;
}

/** Who placed the call that a message is the card of; nobody if it is none. */
function placedBy(message: Message): string {
  if (message.onlyFor || message.thread || !message.blocks.length) return "";
  const found = /\bplaced by (?:<@(\w+)>|you\b)/i.exec(message.text);
  if (!found) return "";
  return found[1] ?? channel(message.channel)?.members.find((id) => !user(id)?.isBot) ?? "";
}

export const isCard = (message: Message): boolean => placedBy(message) !== "";

/** Whether a card tells of a call that is over and that never rang a phone: RingCentral refused it, say. */
export function isUncalled(message: Message): boolean {
  const said = JSON.stringify(message.blocks);
  return said.includes('"call_again"') && !/"(cancel_call|hang_up)"/.test(said) && !callOf(message);
}

/** Milliseconds within which a call is placed after its card was posted, or before it. */
const SOON = 120_000;
const EARLY = 3_000;

function isTold(call: Call, message: Message): boolean {
  const digits = call.phones.callee.number.slice(-4);
  return message.text.replace(/\D/g, "").includes(digits);
}

/** The call that a card tells of, once a phone rings for it. */
export function callOf(message: Message): Call | undefined {
  const posted = Number(message.ts) * 1000;
  return calls().find((one) => !one.isIncoming && isTold(one, message) && one.placedAt > posted - EARLY && one.placedAt < posted + SOON);
}

/** Whose call it is: RingCentral does not say, but its card in Slack names who placed it. */
export function owner(call: Call): User | undefined {
  if (call.isIncoming) return undefined;
  let found: [number, number, string] | undefined;
  for (const one of every<Message>("message:")) {
    const name = placedBy(one);
    if (!name) continue;
    const rank: [number, number, string] = [isTold(call, one) ? 0 : 1, Math.abs(Number(one.ts) * 1000 - call.placedAt), name];
    if (!found || rank[0] < found[0] || (rank[0] === found[0] && rank[1] < found[1])) found = rank;
  }
  return found && user(found[2]);
}

/** When the newest message came that *me* sees there, replies included; 0 for never. */
export function newest(me: string, place: string): number {
  let last = 0;
  for (const one of every<Message>("message:")) {
    const isSeen = one.channel === place && (!one.onlyFor || one.onlyFor === me);
    if (isSeen) last = Math.max(last, Number(one.ts));
  }
  return last;
}

/** Say something to *me* as Slackbot does: here, now, and to nobody else. */
export function note(me: string, place: string, thread: string, text: string): void {
  const ts = (Date.now() / 1000).toFixed(6);
  notes.push({ ts, channel: place, user: "", onlyFor: me, thread, text, blocks: [], isEdited: false, version: 0, isNote: true });
  changed();
}

type Journey = (place: string, ts: string, thread: string) => void;
let journey: Journey = () => undefined;
/** Say how one gets to a message. */
export const onTravel = (how: Journey): void => void (journey = how);
/** Go to a message that a link leads to. */
export const travel: Journey = (...to) => journey(...to);

export async function act(deed: string, values: Json = {}): Promise<Json> {
  try {
    const response = await fetch("do", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ deed, ...values }),
    });
    return await response.json();
  } catch {
    return { problem: "The demo does not answer. Is it still running?" };
  }
}
