// The page: Slack on the left, what is behind it on the right.

import { render } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import "./app.css";
import { Backstage } from "./backstage";
import { AppPlace, Conversation, Thread, type Tab } from "./channel";
import { Confirm, type Question } from "./confirm";
import { keepFocus } from "./focus";
import { Icon } from "./icons";
import { Inspector } from "./inspector";
import { useKept } from "./kept";
import { Modal } from "./modal";
import { PhoneRoom, isRinging } from "./phones";
import { ActAs, Sidebar, visible } from "./sidebar";
import { app, connect, linked, message, newest, onTravel, ready, useStore, user, views } from "./store";
import type { Json } from "./types";

type Screen = "channels" | "chat" | "phones" | "requests";
const SCREENS: [Screen, string][] = [["channels", "Channels"], ["chat", "Chat"], ["phones", "Phones"], ["requests", "Requests"]];
const FIRST = { me: "U0ANN", place: "C0SALES", thread: "", tab: "messages" as Tab, screen: "chat" as Screen, isDockHidden: false };

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

interface BarProps {
  me: string;
  onMe: (id: string) => void;
  isDockHidden: boolean;
  onDock: () => void;
}

function Bar({ me, onMe, isDockHidden, onDock }: BarProps) {
  const [isDark, turn] = useTheme();
  const about = `Slack and RingCentral are imitated on this machine. No phone rings${app().speed === 1 ? "" : `; on calls, time runs ${app().speed}× as fast`}.`;
  return (
    <header class="bar">
      <b class="bar-name">RingOut sandbox</b>
      <span class="bar-note" title={about}>{about}</span>
      {!linked() && <span class="bar-lost" role="alert">No connection to the demo</span>}
      <ActAs me={me} onMe={onMe} />
      <button type="button" class="tool" aria-label={isDark ? "Light colors" : "Dark colors"} onClick={turn}><Icon name={isDark ? "sun" : "moon"} /></button>
      <button type="button" class="tool dock-tool" aria-label="Phones and requests" title={isDockHidden ? "Show phones and requests" : "Hide phones and requests"} aria-expanded={!isDockHidden} onClick={onDock}><Icon name="dock" /></button>
    </header>
  );
}

/** Where somebody is: kept, and made sense of in a demo that was started anew. */
function useWhere() {
  const [kept, keep] = useKept("where", FIRST);
  const where = { ...FIRST, ...kept };
  if (ready() && !user(where.me)) where.me = FIRST.me;
  if (ready() && !visible(where.me).some((one) => one.id === where.place)) where.place = FIRST.place;
  const go = (next: Partial<typeof FIRST>) => keep({ ...where, ...next });
  return { where, go };
}

/** Opens and closes a thread; the keyboard goes into it, and back to where it was. */
function useThread(thread: string, follow: (ts: string) => void) {
  const opener = useRef<{ element: Element | null; ts: string }>({ element: null, ts: "" });
  const next = useRef<"" | "in" | "out">("");
  useLayoutEffect(() => {
    if (next.current === "in") {
      // On a telephone, a field that has the focus would bring up the keys.
      const field = matchMedia("(pointer: fine)").matches ? ".thread textarea" : "none";
      (document.querySelector<HTMLElement>(field) ?? document.querySelector<HTMLElement>(".thread h2"))?.focus();
    } else if (next.current === "out") {
      const { element, ts } = opener.current;
      const back = element?.isConnected ? element : document.querySelector(`.middle [data-ts="${ts}"]`);
      (back as HTMLElement | null)?.focus();
    }
    next.current = "";
  }, [thread]);
  const open = (ts: string) => {
    opener.current = { element: document.activeElement, ts };
    next.current = "in";
    follow(ts);
  };
  const close = () => {
    next.current = "out";
    follow("");
  };
  return { open, close };
}

function Page() {
  useStore();
  const { where, go } = useWhere();
  const { me, place: placeId, thread, tab, screen, isDockHidden } = where;
  const { open, close } = useThread(thread, (ts) => go({ thread: ts }));
  const [seen, mark] = useState<Record<string, number>>({});
  const [question, put] = useState<Question | null>(null);
  const last = ready() ? newest(me, placeId) : 0;
  useEffect(() => mark((before) => ({ ...before, [`${me} ${placeId}`]: last })), [me, placeId, last]);
  if (!ready()) return <p class="wait">Connecting…</p>;

  const place = visible(me).find((one) => one.id === placeId)!;
  const ask = (about: Json) => new Promise<boolean>((resolve) => put({ about, answer: (yes) => { put(null); resolve(yes); } }));
  onTravel((id, ts, root) => {
    go({ place: id, thread: root === ts ? "" : root, tab: "messages", screen: "chat" });
    // Once it is drawn.
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-ts="${ts}"]`)?.focus());
  });
  const enter = (id: string) => go({ place: id, thread: "", tab: "messages", screen: "chat" });
  const change = (id: string) => {
    const own = visible(id).find((one) => one.kind === place.kind && one.kind === "app-dm");
    const isStill = visible(id).some((one) => one.id === placeId);
    go({ me: id, thread: "", place: isStill ? placeId : (own?.id ?? FIRST.place) });
  };
  const modals = views().filter((view) => view.user === me && view.source.type === "modal");
  const common = { me, place, ask };
  const root = thread ? message(thread) : undefined;
  return (
    <div class={`page on-${screen} ${root ? "with-thread" : ""} ${isDockHidden ? "no-dock" : ""}`}>
      <Bar me={me} onMe={change} isDockHidden={isDockHidden} onDock={() => go({ isDockHidden: !isDockHidden })} />
      <Sidebar me={me} place={placeId} seen={seen} onPlace={enter} />
      <main class="middle" data-refuge tabIndex={-1}>
        {place.kind === "app-dm" ? <AppPlace {...common} tab={tab} onTab={(next) => go({ tab: next })} onThread={open} /> : <Conversation {...common} onThread={open} />}
      </main>
      {root && <Thread {...common} key={`${me} ${thread}`} root={root} onClose={close} />}
      <aside class="dock" aria-label="Behind the scenes" data-refuge tabIndex={-1}><Backstage /><PhoneRoom me={me} /><Inspector /></aside>
      <nav class="switch" aria-label="Parts of the page">
        {SCREENS.map(([value, label]) => (
          <button key={value} type="button" aria-current={screen === value ? "page" : undefined} onClick={() => go({ screen: value })}>
            {label}{value === "phones" && isRinging() && <span class="dot"><span class="hidden"> (ringing)</span></span>}
          </button>
        ))}
      </nav>
      {modals.map((view) => <Modal key={view.id} view={view} me={me} ask={ask} place={placeId} />)}
      {question && <Confirm question={question} />}
    </div>
  );
}

keepFocus();
connect();
render(<Page />, document.getElementById("page")!);
