// A list of messages that stays at its end, as long as its reader does.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Trouble } from "./behind";
import { day, formatted } from "./dates";
import { Icon } from "./icons";
import { MessageView } from "./message";
import { act, app, messages, note, user } from "./store";
import type { Json, Message } from "./types";

const NEAR = 60;
/** Milliseconds for which a card stays as it is before a screen reader is told. */
const SETTLED = 700;

const said = (text: string): string =>
  text
    .replace(/<@(\w+)[^>]*>/g, (_, id: string) => user(id)?.realName ?? id)
    .replace(/<!date\^(\d+)\^([^|>]*)\|([^>]*)>/g, (_, at: string, format: string, other: string) => formatted(Number(at), format, other))
    .replace(/<[^>]*>|[*_`]/g, "");

/** Seconds within which one person's messages stand together. */
const GATHERED = 300;

interface Props {
  me: string;
  place: string;
  thread?: string;
  label: string;
  intro?: ComponentChildren;
  root?: Message;
  /** Goes up when *me* sends something: then the end is what they want to see. */
  sent: number;
  ask: (about: Json) => Promise<boolean>;
  onThread: (ts: string) => void;
}

function usePinned(newest: string, sent: number) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const [isAway, leave] = useState(false);
  /** The newest message that was there while the end was in sight. */
  const read = useRef(newest);
  const hold = () => {
    if (box.current && isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  };
  const toEnd = () => {
    isAtEnd.current = true;
    hold();
    leave(false);
  };
  useLayoutEffect(() => {
    toEnd();
    const element = box.current!;
    const watcher = new ResizeObserver(hold);
    watcher.observe(element);
    watcher.observe(element.firstElementChild!);
    return () => watcher.disconnect();
  }, []);
  useLayoutEffect(hold);
  useLayoutEffect(() => {
    if (sent) toEnd();
  }, [sent]);
  if (!isAway) read.current = newest;
  const onScroll = () => {
    const element = box.current!;
    isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    leave(!isAtEnd.current);
  };
  return { box, onScroll, toEnd, read: read.current };
}

/** What a screen reader is told when a card changes: its text, which stands alone. */
function useSpoken(shown: Message[]): string {
  const [spoken, speak] = useState("");
  const [text, heard] = useState("");
  const known = useRef(new Map<string, number>());
  useEffect(() => {
    for (const one of shown) {
      const before = known.current.get(one.ts);
      if (before !== undefined && before < one.version) heard(said(one.text));
      known.current.set(one.ts, one.version);
    }
  });
  useEffect(() => {
    const later = setTimeout(() => speak(text), SETTLED);
    return () => clearTimeout(later);
  }, [text]);
  return spoken;
}

const counted = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`;

function goesOn(message: Message, before: Message | undefined): boolean {
  return before !== undefined && before.user === message.user && message.user !== app().bot && !message.onlyFor && !before.onlyFor &&
    Number(message.ts) - Number(before.ts) < GATHERED && day(before.ts) === day(message.ts);
}

export function MessageList({ me, place, thread = "", label, intro, root, sent, ask, onThread }: Props) {
  const shown = messages(me, place, thread);
  const { box, onScroll, toEnd, read } = usePinned(shown.at(-1)?.ts ?? "0", sent);
  const spoken = useSpoken(root ? [] : shown);
  const unread = shown.filter((one) => Number(one.ts) > Number(read)).length;
  const press = async (message: Message, block: Json, element: Json, value: string) => {
    if (element.confirm && !(await ask(element.confirm))) return;
    const answer = await act("click", { as: me, ts: message.ts, action: element.action_id, block: block.block_id, value });
    if (answer.note ?? answer.problem) note(me, place, message.thread, answer.note ?? answer.problem);
  };
  const jump = () => {
    toEnd();
    box.current!.focus();
  };
  let lastDay = "";
  const draw = (message: Message, isInThread: boolean, before?: Message) => {
    const replies = isInThread && message !== root ? [] : messages(me, place, message.ts);
    return <MessageView key={message.ts} message={message} replies={replies.length} lastReply={replies.at(-1)?.ts ?? ""} repliers={[...new Set(replies.map((one) => one.user || app().bot))].join(" ")} isInThread={isInThread} count={shown.length} isMore={goesOn(message, before)} me={me} onPress={press} onThread={onThread} />;
  };
  return (
    <div class="list">
      {!root && <Trouble />}
      <div class="scroller" ref={box} onScroll={onScroll} tabIndex={0} role="group" aria-label={label}>
        <div class="scrolled">
          {intro}
          {root && draw(root, true)}
          {root && shown.length > 0 && <div class="divider"><span>{counted(shown.length, "reply", "replies")}</span></div>}
          <div role="log" aria-label={`${label}: messages`} aria-relevant="additions">
            {shown.map((message, at) => {
              const today = day(message.ts);
              const isNew = !root && today !== lastDay;
              lastDay = today;
              return [isNew && <div key={today} class="divider day"><span>{today}</span></div>, draw(message, Boolean(root), shown[at - 1])];
            })}
          </div>
        </div>
        <div class="hidden" role="status">{spoken}</div>
      </div>
      {unread > 0 && <button type="button" class="unread" onClick={jump}><Icon name="down" /> {root ? counted(unread, "new reply", "new replies") : counted(unread, "new message", "new messages")}</button>}
    </div>
  );
}
