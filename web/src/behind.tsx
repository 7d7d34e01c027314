// What goes on behind a card, where the card is looked at; and what was done to the bot.

import { useEffect, useRef, useState } from "preact/hooks";
import { exact } from "./dates";
import { bot, budgets, callOf, isUncalled, owner, replies, requests, stories, story, useStore } from "./store";
import type { Call, Message, Phone } from "./types";

/** Milliseconds for which it is said that a trouble is over. */
const RELIEF = 5_000;

const isClosed = (side: "slack" | "ringcentral"): boolean => budgets().some((one) => one.side === side && one.isClosed);

/** Who answers "too many requests" just now; nobody: an empty text. */
function refusing(): string {
  const sides = [isClosed("ringcentral") && "RingCentral", isClosed("slack") && "Slack"].filter(Boolean);
  return sides.join(" and ");
}

function does(phone: Phone): string {
  if (phone.state === "ringing") return "rings";
  if (phone.state === "up") return phone.machine ? "has a voicemail on" : "is answered";
  return phone.state === "idle" ? "waits" : "is down";
}

function phones(call: Call | undefined): string {
  if (!call) return "None has rung.";
  if (call.overAt !== null) return `Both are down since ${exact(call.overAt)}.`;
  const { caller, callee } = call.phones;
  if (does(caller) === does(callee)) return `Both ${caller.state === "up" ? "are connected" : "ring"}.`;
  const name = owner(call)?.realName.split(" ")[0];
  return `${name ? `${name}'s` : "Yours"} ${does(caller)}, theirs ${does(callee)}.`;
}

/** What the demo has in store for a call. */
function about(name: string): string {
  const text = stories().find((one) => one.name === name)?.about ?? "";
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** What the bot last asked RingCentral about a call, and when. */
function lastAsked(message: Message, call: Call | undefined): string {
  const since = call?.placedAt ?? Number(message.ts) * 1000;
  // What is asked after a refusal is about other calls.
  const isLogged = (what: string) => what.includes("call-log") && !isUncalled(message);
  const isAbout = (what: string) => isLogged(what) || (call ? what.includes(call.id) : what.endsWith("/ring-out"));
  const last = requests().filter((one) => one.side === "ringcentral" && one.at >= since && isAbout(one.what)).at(-1);
  if (!last) return "Is about to ask RingCentral.";
  const at = exact(last.at);
  if (last.event) return `Was told by RingCentral at ${at}, unasked.`;
  if (last.what.includes("call-log")) return `Looked into RingCentral's call log at ${at}.`;
  if (last.verb === "POST") return last.status >= 400 ? `RingCentral refused the call at ${at} (${last.status}).` : `Asked RingCentral to call at ${at}.`;
  return `Asked RingCentral at ${at}.`;
}

/** A tone, and what the bot does about the call, or can't do. */
function works(message: Message, call: Call | undefined, isTold: boolean): [string, string] {
  const { state } = bot();
  if (state === "dead") return ["is-bad", "Killed. This card stands still until it is back."];
  if (state === "starting") return ["is-odd", "Starts again, and takes the call up from its database."];
  if (isTold) return ["", "Told the result in the thread."];
  const who = refusing();
  if (who) return ["is-odd", `Waits: ${who} ${who.includes(" and ") ? "answer" : "answers"} 429. Nothing is lost.`];
  return ["", lastAsked(message, call)];
}

/** The truth under a card that is followed: what the phones do, and what hinders the bot. */
export function Behind({ message }: { message: Message }) {
  useStore();
  // Without a call only its beginning tells: the visitor may choose another one for the next.
  const [first] = useState(story());
  const call = callOf(message);
  const isTold = replies(message) > 0;
  const [tone, text] = works(message, call, isTold);
  return (
    <dl class={`behind ${tone}`}>
      <div><dt>Phones</dt><dd>{phones(call)}</dd></div>
      <div class="behind-bot"><dt>Bot</dt><dd>{text}</dd></div>
      {!isTold && <div><dt>Story</dt><dd>{about(call?.story ?? first)}</dd></div>}
    </dl>
  );
}

function trouble(): [string, string] {
  const { state } = bot();
  if (state === "dead") return ["is-bad", "The bot is dead. It starts again in a second."];
  if (state === "starting") return ["is-odd", "The bot is starting and reads its database."];
  return refusing() ? ["is-odd", "429 storm: the bot has to wait."] : ["", ""];
}

/** Says above the messages what hinders the bot, and when that is over. */
export function Trouble() {
  const [tone, text] = trouble();
  const was = useRef("");
  const [relief, say] = useState("");
  useEffect(() => {
    if (text) {
      was.current = tone;
      say("");
    } else if (was.current) {
      was.current = "";
      say("All is well again. Nothing was lost.");
    }
  }, [tone, text]);
  useEffect(() => {
    if (!relief) return;
    const later = setTimeout(() => say(""), RELIEF);
    return () => clearTimeout(later);
  }, [relief]);
  const shown = text || relief;
  return <div class="trouble" role="status">{shown && <span class={text ? tone : "is-good"}>{shown}</span>}</div>;
}
