// What is in the middle: a channel, or the app with its tabs; and a thread beside it.

import { useEffect, useState } from "preact/hooks";
import { Composer } from "./composer";
import { Avatar, Icon } from "./icons";
import { MessageList } from "./list";
import { Home } from "./modal";
import { Mrkdwn } from "./mrkdwn";
import { nameOf } from "./sidebar";
import { act, app, message, user, views } from "./store";
import type { Channel, Json } from "./types";

const HINTS = ["/ringout (415) 555-0142", "/callstatus last 10", "/ringout help"];

interface Props {
  me: string;
  place: Channel;
  ask: (about: Json) => Promise<boolean>;
  onThread: (ts: string) => void;
}

function called(place: Channel, me: string): string {
  const name = nameOf(place, me);
  return place.kind === "public" || place.kind === "private" ? `#${name}` : name;
}

export function Conversation({ me, place, ask, onThread }: Props) {
  const name = called(place, me);
  const isRoom = place.kind === "public" || place.kind === "private";
  return (
    <>
      <header class="head">
        <h1>{place.kind === "private" ? <><Icon name="lock" /> {place.name}</> : name}</h1>
        {isRoom && <span class="soft">{place.members.length} members</span>}
        {isRoom && !place.hasBot && <span class="soft without">ringout is not in here</span>}
      </header>
      <MessageList key={`${me} ${place.id}`} me={me} place={place.id} label={name} ask={ask} onThread={onThread} intro={isRoom ? <p class="intro">This is the very beginning of <b>{name}</b>.</p> : undefined} />
      <Composer me={me} place={place.id} name={name} hints={HINTS} />
    </>
  );
}

type Tab = "home" | "messages" | "about";

export function AppPlace({ me, place, ask, onThread }: Props) {
  const about = app().manifest;
  const rules = about.features.app_home;
  const [tab, turn] = useState<Tab>("messages");
  const bot = user(app().bot)!;
  const home = views().find((view) => view.user === me && view.source.type === "home");
  const open = (next: Tab) => () => {
    turn(next);
    if (next === "home") void act("home", { as: me });
  };
  useEffect(() => turn("messages"), [me]);
  const tabs: [Tab, string][] = [["messages", "Messages"], ["about", "About"]];
  if (rules.home_tab_enabled) tabs.unshift(["home", "Home"]);
  return (
    <>
      <header class="head with-tabs">
        <h1><Avatar {...bot} /> {about.display_information.name}</h1>
        <div class="tabs" role="group" aria-label="The app">
          {tabs.map(([value, label]) => <button key={value} type="button" aria-pressed={tab === value} onClick={open(value)}>{label}</button>)}
        </div>
      </header>
      {tab === "home" && <div class="scroller" tabIndex={0} role="region" aria-label="Home">{home ? <Home view={home} me={me} ask={ask} /> : <p class="intro">The app shows nothing here yet.</p>}</div>}
      {tab === "about" && <div class="scroller about"><h2>{about.display_information.name}</h2><p>{about.display_information.long_description}</p><h3>Commands</h3><ul>{about.features.slash_commands.map((one: Json) => <li key={one.command}><code>{one.command} {one.usage_hint}</code><br />{one.description}</li>)}</ul></div>}
      {tab === "messages" && (
        <>
          <MessageList key={`${me} ${place.id}`} me={me} place={place.id} label={about.display_information.name} ask={ask} onThread={onThread} intro={<p class="intro"><Mrkdwn text={`Here <@${bot.id}> writes to you alone: when it may not post where you call from, the card of your call comes here.`} /></p>} />
          {rules.messages_tab_read_only_enabled ? <p class="read-only">Sending messages to this app has been turned off.</p> : <Composer me={me} place={place.id} name={bot.realName} />}
        </>
      )}
    </>
  );
}

export function Thread({ me, place, ts, ask, onClose }: Omit<Props, "onThread"> & { ts: string; onClose: () => void }) {
  const root = message(ts);
  return (
    <aside class="thread" aria-label="Thread" onKeyDown={(event) => event.key === "Escape" && onClose()}>
      <header class="head">
        <h2>Thread</h2><span class="soft">{called(place, me)}</span>
        <button type="button" class="tool" aria-label="Close the thread" onClick={onClose}><Icon name="close" /></button>
      </header>
      {root && <MessageList key={`${me} ${ts}`} me={me} place={place.id} thread={ts} root={root} label="Thread" ask={ask} onThread={() => undefined} />}
      <Composer me={me} place={place.id} name="thread" thread={ts} />
    </aside>
  );
}
