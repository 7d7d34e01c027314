// What is in the middle: a channel, or the app with its tabs; and a thread beside it.

import { useEffect, useState } from "preact/hooks";
import { Composer } from "./composer";
import { Avatar, Icon } from "./icons";
import { MessageList } from "./list";
import { Home } from "./modal";
import { Mrkdwn } from "./mrkdwn";
import { Strip } from "./phones";
import { Faces, nameOf, others } from "./sidebar";
import { act, app, user, views } from "./store";
import type { Channel, Json, Message } from "./types";

const HINTS = ["/ringout (415) 555-0142", "/ringout @bob", "@ringout call 415 555 0142", "/callstatus last 10", "/ringout help"];
const DM_HINTS = ["415 555 0142", "again", "/ringout help"];

interface Props {
  me: string;
  place: Channel;
  ask: (about: Json) => Promise<boolean>;
  onThread: (ts: string) => void;
}

const isRoom = (place: Channel): boolean => place.kind === "public" || place.kind === "private";
const called = (place: Channel, me: string): string => `${isRoom(place) ? "#" : ""}${nameOf(place, me)}`;

function Title({ place, me }: { place: Channel; me: string }) {
  if (place.kind === "private") return <><Icon name="lock" /> <span>{place.name}</span></>;
  if (isRoom(place)) return <span>{called(place, me)}</span>;
  return <><Faces place={place} me={me} /><span>{nameOf(place, me)}</span></>;
}

function Beginning({ place, me }: { place: Channel; me: string }) {
  const names = others(place, me).map((one) => one.realName).join(" and ");
  if (place.kind === "im") return <p class="intro">This is the very beginning of your direct messages with <b>{names}</b>.</p>;
  if (place.kind === "mpim") return <p class="intro">This is the very beginning of your group messages with <b>{names}</b>.</p>;
  return <p class="intro">This is the very beginning of <b class="nowrap">{place.kind === "private" ? <><Icon name="lock" />{place.name}</> : `#${place.name}`}</b>.</p>;
}

/** A count that goes up each time somebody sends something, so that the list follows. */
function useSent(): [number, () => void] {
  const [sent, tell] = useState(0);
  return [sent, () => tell((count) => count + 1)];
}

export function Conversation({ me, place, ask, onThread }: Props) {
  const name = called(place, me);
  const [sent, tell] = useSent();
  return (
    <>
      <header class="head">
        <h1><Title place={place} me={me} /></h1>
        {isRoom(place) && <span class="soft">{place.members.length} members</span>}
        {isRoom(place) && !place.hasBot && <span class="soft without">ringout is not in here</span>}
      </header>
      <MessageList key={`${me} ${place.id}`} me={me} place={place.id} label={name} sent={sent} ask={ask} onThread={onThread} intro={<Beginning place={place} me={me} />} />
      <Composer key={`${me} ${place.id} draft`} me={me} place={place.id} name={name} hints={HINTS} onSent={tell} />
    </>
  );
}

function ReadOnly({ me }: { me: string }) {
  return (
    <div class="composer">
      <Strip me={me} />
      <p class="read-only">Sending messages to this app has been turned off.</p>
    </div>
  );
}

const isReadOnly = (place: Channel): boolean => place.kind === "app-dm" && app().manifest.features.app_home.messages_tab_read_only_enabled;

export type Tab = "home" | "messages" | "about";

export function AppPlace({ me, place, ask, tab, onTab, onThread }: Props & { tab: Tab; onTab: (tab: Tab) => void }) {
  const about = app().manifest;
  const name = about.display_information.name;
  const [sent, tell] = useSent();
  const bot = user(app().bot)!;
  const home = views().find((view) => view.user === me && view.source.type === "home");
  const isHome = tab === "home";
  useEffect(() => {
    if (isHome) void act("home", { as: me });
  }, [isHome, me]);
  const tabs: [Tab, string][] = [["messages", "Messages"], ["about", "About"]];
  if (about.features.app_home.home_tab_enabled) tabs.unshift(["home", "Home"]);
  return (
    <>
      <header class="head with-tabs">
        <h1><Avatar {...bot} /><span>{name}</span></h1>
        <div class="tabs" role="group" aria-label="The app">
          {tabs.map(([value, label]) => <button key={value} type="button" aria-pressed={tab === value} onClick={() => onTab(value)}>{label}</button>)}
        </div>
      </header>
      {isHome && <div class="scroller" tabIndex={0} role="region" aria-label="Home">{home ? <Home view={home} me={me} ask={ask} /> : <p class="intro">The app shows nothing here yet.</p>}</div>}
      {tab === "about" && <div class="scroller about"><h2>{name}</h2><p>{about.display_information.long_description}</p><h3>Commands</h3><ul>{about.features.slash_commands.map((one: Json) => <li key={one.command}><code>{one.command} {one.usage_hint}</code><br />{one.description}</li>)}</ul></div>}
      {tab === "messages" && (
        <>
          <MessageList key={`${me} ${place.id}`} me={me} place={place.id} label={name} sent={sent} ask={ask} onThread={onThread} intro={<p class="intro"><Mrkdwn text={`Here <@${bot.id}> writes to you alone. A card that it may not post where you call from comes here, too.`} /></p>} />
          {isReadOnly(place) ? <ReadOnly me={me} /> : <Composer key={`${me} ${place.id} draft`} me={me} place={place.id} name={bot.realName} hints={DM_HINTS} onSent={tell} />}
        </>
      )}
    </>
  );
}

export function Thread({ me, place, root, ask, onClose }: Omit<Props, "onThread"> & { root: Message; onClose: () => void }) {
  const [sent, tell] = useSent();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.isComposing) onClose();
  };
  return (
    <aside class="thread" aria-label="Thread" data-refuge tabIndex={-1} onKeyDown={onKeyDown}>
      <header class="head">
        <h2 tabIndex={-1}>Thread</h2><span class="soft">{called(place, me)}</span>
        <button type="button" class="tool" aria-label="Close the thread" onClick={onClose}><Icon name="close" /></button>
      </header>
      <MessageList me={me} place={place.id} thread={root.ts} root={root} label="Thread" sent={sent} ask={ask} onThread={() => undefined} />
      {isReadOnly(place) ? <ReadOnly me={me} /> : <Composer me={me} place={place.id} name="thread" thread={root.ts} onSent={tell} />}
    </aside>
  );
}
