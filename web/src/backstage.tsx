// Behind the scenes: which story calls play, and what can be done to the bot.

import { useState } from "preact/hooks";
import { act, bot, stories, story } from "./store";
import type { Story } from "./types";

const DRIVEN = "driven";
const OWN_HANDS = "What happens is what you press on the phones below.";

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function Group({ label, all }: { label: string; all: Story[] }) {
  return <optgroup label={label}>{all.map((one) => <option key={one.name} value={one.name}>{capital(one.about)}</option>)}</optgroup>;
}

export function Backstage() {
  const [isKilling, kill] = useState(false);
  const all = stories();
  const groups = [...new Set(all.map((one) => one.group))];
  const { state, pid, restarts } = bot();
  const isDown = isKilling || state === "dead";
  const [isPosting, post] = useState(false);
  const sumUp = async () => {
    if (isPosting) return;
    post(true);
    await act("digest");
    post(false);
  };
  const strike = async () => {
    if (isDown) return;
    kill(true);
    await act("kill");
    kill(false);
  };
  return (
    <section class="panel backstage" aria-labelledby="backstage">
      <div class="panel-head">
        <h2 id="backstage">Behind the scenes</h2>
        <span class={`bot is-${state}`} role="status" title={`Process ${pid}`}><i aria-hidden="true" /><span>{state === "dead" ? "bot is dead" : `bot ${state}`}{restarts > 0 ? `, restarted ${restarts}×` : state !== "dead" && `, pid ${pid}`}</span></span>
      </div>
      <label class="story">
        <span>The next calls</span>
        <select class="field" aria-describedby="story-about" value={story()} onChange={(event) => void act("story", { story: event.currentTarget.value })}>
          {groups.map((group) => <Group key={group} label={group} all={all.filter((one) => one.group === group)} />)}
        </select>
      </label>
      <p id="story-about" class="story-about">{story() === DRIVEN ? OWN_HANDS : `${capital(all.find((one) => one.name === story())?.about ?? "")}.`}</p>
      <div class="strikes">
        <button type="button" class="button" aria-disabled={isDown} onClick={strike} title="Ends the process as a power cut would, and starts it again after a second. Watch the card."><code>kill -9</code> the bot</button>
        <button type="button" class="button" onClick={() => void act("storm")} title="Slack and RingCentral answer “too many requests” for a while. Watch the card.">429 storm</button>
        <button type="button" class="button" aria-disabled={isPosting} onClick={sumUp} title="Sums up the calls of the last day in #sales, as the bot does every morning or every week.">Post digest</button>
      </div>
    </section>
  );
}
