// Each request of the bot's, what it costs, and what is left of the budget.

import { useState } from "preact/hooks";
import { exact } from "./dates";
import { budgets, requests } from "./store";
import type { Budget, Request } from "./types";

type Filter = "all" | "slack" | "ringcentral";
const NAMES = { slack: "Slack", ringcentral: "RingCentral" };
const SHOWN = 60;

function Gauge({ budget }: { budget: Budget }) {
  const limit = budget.limit ?? 0;
  const left = Math.max(0, budget.left ?? 0);
  return (
    <div class={`gauge ${budget.isClosed ? "is-closed" : ""}`}>
      <span>{budget.name}</span>
      <meter min={0} max={limit} low={limit / 4} value={left} aria-label={`${NAMES[budget.side]} ${budget.name}: ${left} of ${limit} left`} />
      <span class="figure">{budget.isClosed ? "closed" : `${left}/${limit}`}</span>
    </div>
  );
}

function Gauges({ side }: { side: "slack" | "ringcentral" }) {
  const all = budgets().filter((one) => one.side === side && one.limit !== null && /^(Light|Heavy|chat\.)/.test(one.name));
  if (!all.length) return null;
  return (
    <div class="gauges">
      <h3>{NAMES[side]} <small>left in {Number(all[0]!.window.toFixed(1))} s</small></h3>
      {all.map((one) => <Gauge key={one.name} budget={one} />)}
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
  if (!one.status) return ["…", "open"];
  if (one.status === 429 || one.error === "ratelimited") return ["429", "bad"];
  if (one.error) return [one.side === "slack" ? one.error : String(one.status), one.status === 404 ? "fine" : "bad"];
  return [String(one.status), one.status < 400 ? "good" : "bad"];
}

function cost(one: Request): string {
  if (!one.group) return "no limit";
  const left = one.left === null ? "" : ` · ${one.left} left`;
  if (one.side === "ringcentral") return `1 ${one.group}${left}`;
  return one.limit === null ? "no tier of its own" : `1 of ${one.limit} a minute${left}`;
}

function Row({ one }: { one: Request }) {
  const [word, look] = outcome(one);
  const body = Object.entries(one.body);
  return (
    <details class="request">
      <summary>
        <span class={`side is-${one.side}`} title={NAMES[one.side]}>{one.side === "slack" ? "S" : "RC"}<span class="hidden">{NAMES[one.side]}</span></span>
        <span class="what"><b>{one.verb}</b> {short(one.what)}</span>
        <span class={`status is-${look}`}>{word}</span>
        <span class="cost">{cost(one)}</span>
        <time class="at">{exact(one.at)}</time>
      </summary>
      <dl>
        {body.length === 0 && <><dt>body</dt><dd>none</dd></>}
        {body.map(([name, value]) => [<dt key={`${name}-name`}>{name}</dt>, <dd key={name}>{value}</dd>])}
      </dl>
    </details>
  );
}

export function Inspector() {
  const [filter, choose] = useState<Filter>("all");
  const all = requests();
  const shown = all.filter((one) => filter === "all" || one.side === filter).slice(-SHOWN).reverse();
  const tab = (value: Filter, label: string) => (
    <button type="button" class="chip" aria-pressed={filter === value} onClick={() => choose(value)}>{label}</button>
  );
  return (
    <section class="panel inspector" aria-labelledby="inspector">
      <div class="panel-head">
        <h2 id="inspector">Requests</h2>
        <div class="filters" role="group" aria-label="Which requests">{tab("all", "All")}{tab("slack", "Slack")}{tab("ringcentral", "RingCentral")}</div>
      </div>
      <div class="budget"><Gauges side="ringcentral" /><Gauges side="slack" /></div>
      <div class="requests" tabIndex={0} role="region" aria-label="Requests, the newest first">
        {shown.map((one) => <Row key={`${one.side} ${one.number}`} one={one} />)}
      </div>
    </section>
  );
}
