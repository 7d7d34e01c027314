// Each request of the bot's, what it costs, and what is left of the budget.

import { useRef, useState } from "preact/hooks";
import { exact } from "./dates";
import { Icon } from "./icons";
import { budgets, request, requests } from "./store";
import type { Budget, Request } from "./types";

type Filter = "all" | Request["side"];
const NAMES = { slack: "Slack", ringcentral: "RingCentral", hook: "The hook's receiver" };
const SIGNS = { slack: "S", ringcentral: "RC", hook: "H" };
const SHOWN = 60;

/** What is told of, known or not yet: so that the list below stays where it is. */
const TOLD: [Budget["side"], string][] = [["ringcentral", "Light"], ["ringcentral", "Heavy"], ["slack", "chat.postMessage"], ["slack", "chat.update"]];

function Gauge({ side, name }: { side: Budget["side"]; name: string }) {
  const budget = budgets().find((one) => one.side === side && one.name === name);
  const limit = budget?.limit ?? 0;
  const left = Math.max(0, budget?.left ?? 0);
  const label = name.replace("chat.", "");
  return (
    <div class={`gauge ${budget?.isClosed ? "is-closed" : ""}`}>
      <span>{label}</span>
      <meter min={0} max={limit || 1} low={limit / 4} value={limit ? left : 1} aria-label={`${NAMES[side]} ${name}: ${limit ? `${left} of ${limit} left` : "not used yet"}`} />
      <span class="figure">{budget?.isClosed ? "closed" : limit ? `${left}/${limit}` : "unused"}</span>
    </div>
  );
}

function Gauges({ side }: { side: Budget["side"] }) {
  const window = budgets().find((one) => one.side === side && one.limit !== null)?.window;
  return (
    <div class="gauges">
      <h3>{NAMES[side]} {window !== undefined && <small>left in {Number(window.toFixed(1))} s</small>}</h3>
      {TOLD.filter(([whose]) => whose === side).map(([, name]) => <Gauge key={name} side={side} name={name} />)}
    </div>
  );
}

const short = (what: string): string =>
  what
    .replace("/restapi/v1.0/account/~/", "")
    .replace("extension/~/", "")
    .replace(/^\/restapi\//, "")
    .replace(/(ring-out\/).+/, "$1{id}");

function outcome(one: Request): [string, string] {
  if (one.side === "hook") return one.error ? [one.error, "bad"] : ["verified", "good"];
  if (!one.status) return ["…", "open"];
  if (one.status === 429 || one.error === "ratelimited") return ["429", "bad"];
  if (one.error) return [one.side === "slack" ? one.error : String(one.status), one.status === 404 ? "fine" : "bad"];
  return [String(one.status), one.status < 400 ? "good" : "bad"];
}

const TOLD_STATES: Record<string, string> = { Proceeding: "rings", Answered: "answered", Disconnected: "down" };

const TOLD_PHONES = { caller: "first phone", callee: "other party", incoming: "a call to us" };

/** What an event tells, of whose phone. */
const told = ({ side, state }: NonNullable<Request["event"]>): string => `${TOLD_PHONES[side]}: ${TOLD_STATES[state] ?? state}`;

function cost(one: Request): string {
  if (one.event) return "sent by RingCentral, unasked";
  if (one.side === "hook") return "to the hook's receiver";
  if (!one.group) return "no limit";
  const left = one.left === null ? "" : ` · ${one.left} left`;
  if (one.side === "ringcentral") return `1 ${one.group}${left}`;
  return one.limit === null ? "no tier of its own" : `1 of ${one.limit} a minute${left}`;
}

/** Requests that ask the same again and again, and are answered alike: one row. */
interface Run {
  key: string;
  all: Request[];
}

function isAgain(one: Request, before: Request | undefined): boolean {
  return before !== undefined && one.verb === "GET" && before.verb === "GET" && one.side === before.side && one.what === before.what &&
    (!one.status || (one.status === before.status && one.error === before.error));
}

function runs(all: Request[]): Run[] {
  const found: Run[] = [];
  for (const one of all) {
    const run = found.at(-1);
    if (run && isAgain(one, run.all.at(-1))) run.all.push(one);
    else found.push({ key: one.id, all: [one] });
  }
  return found;
}

function Row({ run, isOpen, onOpen }: { run: Run; isOpen: boolean; onOpen: (isOpen: boolean) => void }) {
  const one = run.all.at(-1)!;
  const [word, look] = outcome(one);
  const body = Object.entries(one.body);
  const times = run.all.length;
  // At once, and not when the browser tells of it: a request may come in between.
  const press = (event: Event) => {
    event.preventDefault();
    onOpen(!isOpen);
  };
  return (
    <details class={one.event ? "request is-event" : "request"} open={isOpen}>
      <summary onClick={press}>
        <span class={`side is-${one.side}`} title={one.event ? "RingCentral to the bot" : NAMES[one.side]}>{one.event ? <Icon name="in" /> : SIGNS[one.side]}<span class="hidden">{one.event ? "RingCentral to the bot" : NAMES[one.side]}</span></span>
        <span class="what" title={one.what}><b>{one.verb}</b> {one.event ? told(one.event) : short(one.what)}{times > 1 && <span class="times"> ×{times}</span>}</span>
        <span class={`status is-${look}`}>{word}</span>
        <span class="cost">{times > 1 ? cost(one).replace("1 ", "each 1 ") : cost(one)}</span>
        <time class="at">{exact(one.at)}</time>
      </summary>
      {one.json !== undefined && <pre tabIndex={0} role="region" aria-label="The event as JSON">{one.json}</pre>}
      <dl>
        {times > 1 && <><dt>sent at</dt><dd>{run.all.map((each) => exact(each.at)).join(", ")}</dd></>}
        {body.length === 0 && <><dt>body</dt><dd>none</dd></>}
        {body.map(([name, value]) => [<dt key={`${name}-name`}>{name}</dt>, <dd key={name}>{value}</dd>])}
      </dl>
    </details>
  );
}

/** The requests as they come; or as they were, for as long as somebody reads in one. */
function useStill() {
  const [opened, open] = useState<string[]>([]);
  const [still, hold] = useState<Request[] | null>(null);
  const now = requests();
  const all = still ? still.map((one) => request(one.id) ?? one) : now;
  const known = new Set(all.map((one) => one.id));
  const newer = still ? now.filter((one) => !known.has(one.id)) : [];
  const toggle = (key: string, isOpen: boolean) => {
    const others = opened.filter((one) => one !== key);
    const next = isOpen ? [...others, key] : others;
    open(next);
    if (!next.length) hold(null);
    else if (!still) hold(now);
  };
  const goOn = () => {
    open([]);
    hold(null);
  };
  return { all, newer, opened, toggle, goOn };
}

export function Inspector() {
  const [filter, choose] = useState<Filter>("all");
  const { all, newer, opened, toggle, goOn } = useStill();
  const list = useRef<HTMLDivElement>(null);
  const fits = (one: Request) => filter === "all" || one.side === filter;
  const shown = runs(all.filter(fits)).slice(-SHOWN).reverse();
  const waiting = runs(newer.filter(fits)).length;
  const go = () => {
    goOn();
    list.current!.scrollTop = 0;
    list.current!.focus();
  };
  const tab = (value: Filter, label: string) => (
    <button type="button" class="chip" aria-pressed={filter === value} onClick={() => { goOn(); choose(value); }}>{label}</button>
  );
  return (
    <section class="panel inspector" aria-labelledby="inspector">
      <div class="panel-head">
        <h2 id="inspector">Requests</h2>
        <div class="filters" role="group" aria-label="Which requests">{tab("all", "All")}{tab("slack", "Slack")}{tab("ringcentral", "RingCentral")}{tab("hook", "Hook")}</div>
      </div>
      <div class="budget"><Gauges side="ringcentral" /><Gauges side="slack" /></div>
      <div class="list">
        <div class="requests" ref={list} tabIndex={0} role="region" aria-label="Requests, the newest first">
          {shown.map((run) => <Row key={run.key} run={run} isOpen={opened.includes(run.key)} onOpen={(isOpen) => toggle(run.key, isOpen)} />)}
        </div>
        {waiting > 0 && <button type="button" class="unread newer" onClick={go}><Icon name="up" /> {waiting} newer</button>}
      </div>
    </section>
  );
}
