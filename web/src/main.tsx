// The page: Slack on the left, what is behind it on the right.

import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import "./app.css";
import { Backstage } from "./backstage";
import { AppPlace, Conversation, Thread } from "./channel";
import { Confirm, type Question } from "./confirm";
import { Icon } from "./icons";
import { Inspector } from "./inspector";
import { Modal } from "./modal";
import { PhoneRoom, isRinging } from "./phones";
import { ActAs, Sidebar, visible } from "./sidebar";
import { app, channel, connect, linked, message, newest, ready, useStore, views } from "./store";
import type { Json } from "./types";

type Screen = "channels" | "chat" | "phones" | "requests";
const SCREENS: [Screen, string][] = [["channels", "Channels"], ["chat", "Chat"], ["phones", "Phones"], ["requests", "Requests"]];

function useTheme(): [boolean, () => void] {
  const prefers = matchMedia("(prefers-color-scheme: dark)");
  const [theme, set] = useState(localStorage.getItem("theme") ?? "");
  const [, follow] = useState(0);
  useEffect(() => {
    const listener = () => follow((count) => count + 1);
    prefers.addEventListener("change", listener);
    return () => prefers.removeEventListener("change", listener);
  }, []);
  const isDark = theme ? theme === "dark" : prefers.matches;
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
  const turn = () => {
    const next = isDark ? "light" : "dark";
    localStorage.setItem("theme", next);
    set(next);
  };
  return [isDark, turn];
}

function Bar({ me, onMe }: { me: string; onMe: (id: string) => void }) {
  const [isDark, turn] = useTheme();
  return (
    <header class="bar">
      <b class="bar-name">RingOut sandbox</b>
      <span class="bar-note">Slack and RingCentral are imitated on this machine. No phone rings{app().speed === 1 ? "" : `; on calls, time runs ${app().speed}× as fast`}.</span>
      {!linked() && <span class="bar-lost" role="alert">No connection to the demo</span>}
      <ActAs me={me} onMe={onMe} />
      <button type="button" class="tool" aria-label={isDark ? "Light colours" : "Dark colours"} onClick={turn}><Icon name={isDark ? "sun" : "moon"} /></button>
    </header>
  );
}

function Page() {
  useStore();
  const [me, become] = useState("U0ANN");
  const [placeId, go] = useState("C0SALES");
  const [thread, follow] = useState("");
  const [screen, turn] = useState<Screen>("chat");
  const [seen, mark] = useState<Record<string, number>>({});
  const [question, put] = useState<Question | null>(null);
  const last = ready() ? newest(me, placeId) : 0;
  useEffect(() => mark((before) => ({ ...before, [`${me} ${placeId}`]: last })), [me, placeId, last]);
  if (!ready()) return <p class="wait">Connecting…</p>;

  const place = channel(placeId)!;
  const ask = (about: Json) => new Promise<boolean>((resolve) => put({ about, answer: (yes) => { put(null); resolve(yes); } }));
  const enter = (id: string) => { go(id); follow(""); turn("chat"); };
  const change = (id: string) => {
    become(id);
    follow("");
    const old = channel(placeId)!;
    const own = visible(id).find((one) => one.kind === old.kind && one.kind === "app-dm");
    if (!visible(id).some((one) => one.id === placeId)) go(own?.id ?? "C0SALES");
  };
  const modals = views().filter((view) => view.user === me && view.source.type === "modal");
  const common = { me, place, ask };
  return (
    <div class={`page on-${screen} ${thread ? "with-thread" : ""}`}>
      <Bar me={me} onMe={change} />
      <Sidebar me={me} place={placeId} seen={seen} onPlace={enter} />
      <main class="middle">
        {place.kind === "app-dm" ? <AppPlace {...common} onThread={follow} /> : <Conversation {...common} onThread={follow} />}
      </main>
      {thread && message(thread) && <Thread {...common} ts={thread} onClose={() => follow("")} />}
      <aside class="dock" aria-label="Behind the scenes"><Backstage /><PhoneRoom /><Inspector /></aside>
      <nav class="switch" aria-label="Parts of the page">
        {SCREENS.map(([value, label]) => (
          <button key={value} type="button" aria-current={screen === value ? "page" : undefined} onClick={() => turn(value)}>
            {label}{value === "phones" && isRinging() && <span class="dot"><span class="hidden"> (ringing)</span></span>}
          </button>
        ))}
      </nav>
      {modals.map((view) => <Modal key={view.id} view={view} me={me} ask={ask} place={placeId} />)}
      {question && <Confirm question={question} />}
    </div>
  );
}

connect();
render(<Page />, document.getElementById("page")!);
