// One message: who, when, what, and what can be done with it.

import { memo } from "preact/compat";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Behind } from "./behind";
import { Blocks } from "./blocks";
import { clock } from "./dates";
import type { Hands } from "./elements";
import { Avatar, Icon } from "./icons";
import { Shortcuts } from "./menus";
import { Mrkdwn } from "./mrkdwn";
import { act, app, isCard, isUncalled, note, user } from "./store";
import type { Json, Message, User } from "./types";

const SLACKBOT: User = { id: "USLACKBOT", name: "slackbot", realName: "Slackbot", isBot: false };

function author(message: Message): User {
  if (message.isNote) return SLACKBOT;
  return user(message.user || app().bot) ?? SLACKBOT;
}

interface Props {
  message: Message;
  replies: number;
  lastReply: string;
  /** The ids of who has replied, each once. */
  repliers: string;
  isInThread: boolean;
  /** How many messages are in its list. */
  count: number;
  /** Whether it goes on from the one above it, by the same person. */
  isMore?: boolean;
  me: string;
  onPress: (message: Message, block: Json, element: Json, value: string) => void;
  onThread: (ts: string) => void;
}

/** Keep a card as tall as it ever was, so that nothing below it moves up and down. */
function useSteadyHeight(version: number, holds: boolean) {
  const body = useRef<HTMLDivElement>(null);
  const tallest = useRef({ height: 0, width: 0 });
  useLayoutEffect(() => {
    const element = body.current;
    if (!element) return;
    if (!holds) {
      element.style.minHeight = "";
      return;
    }
    const width = element.offsetWidth;
    if (width !== tallest.current.width) {
      element.style.minHeight = "";
      tallest.current = { height: 0, width };
    }
    tallest.current.height = Math.max(tallest.current.height, element.offsetHeight);
    if (version) element.style.minHeight = `${tallest.current.height}px`;
  }, [version, holds]);
  return body;
}

/**
 * As much as a card may come to say, invisible behind what it says: a card that follows a
 * call keeps that room from the start, however wide its column is. What the card does not
 * use of it is filled by `Behind`. The words are the style sheet's, so that nobody reads
 * or finds them.
 */
function Room() {
  return (
    <div class="room-kept" aria-hidden="true">
      <div class="section"><div class="section-text room-lines" /></div>
      <div class="context room-small" />
      <div class="actions room-buttons" />
      <div class="room-behind" />
    </div>
  );
}

/**
 * Whether a card keeps its height: while its call goes on, and then until another message
 * comes below it, which moves everything anyway.
 */
function useHold(isOver: boolean, count: number): boolean {
  // A call that was over when its reader came here changes no more.
  const [wasOpen] = useState(!isOver);
  const doneAt = useRef(0);
  if (isOver && !doneAt.current) doneAt.current = count;
  return wasOpen && !(doneAt.current && count > doneAt.current);
}

function Body({ message, me, onPress }: Pick<Props, "message" | "me" | "onPress">) {
  const hands: Hands = {
    me,
    isForm: false,
    press: (block, element, value) => onPress(message, block, element, value),
    fill: () => undefined,
    filled: () => undefined,
    suggest: async () => [],
  };
  return (
    <>
      {message.blocks.length ? <Blocks blocks={message.blocks} hands={hands} /> : <div class="mrkdwn"><Mrkdwn text={message.text} /></div>}
      {message.isEdited && <span class="edited">(edited)</span>}
    </>
  );
}

function Drawn({ message, replies, lastReply, repliers, isInThread, count, isMore, me, onPress, onThread }: Props) {
  const who = author(message);
  const isFollowing = isCard(message);
  const holds = useHold(replies > 0 || isUncalled(message), count);
  const body = useSteadyHeight(message.version, !isFollowing || holds);
  const time = clock(message.ts);
  const isLive = isFollowing && holds;
  const choose = async (callback: string) => {
    const answer = await act("shortcut", { as: me, ts: message.ts, callback });
    if (answer.note ?? answer.problem) note(me, message.channel, message.thread, answer.note ?? answer.problem);
  };
  return (
    <article class={`message ${message.onlyFor ? "private" : ""} ${isFollowing ? "card" : ""} ${isLive ? "live" : ""} ${isMore ? "more" : ""}`} data-ts={message.ts} data-refuge tabIndex={-1} aria-label={`${who.realName}, ${time}`}>
      {message.onlyFor && <div class="only"><Icon name="eye" /> Only visible to you</div>}
      {isMore ? <time class="time" aria-hidden="true">{time.replace(/\s.*/, "")}</time> : <Avatar {...who} />}
      <div class="message-main">
        <div class={isMore ? "byline hidden" : "byline"}>
          <span class="author">{who.realName}</span>
          {who.isBot && <span class="badge">APP</span>}
          <time class="time" dateTime={new Date(Number(message.ts) * 1000).toISOString()}>{time}</time>
        </div>
        <div class="stack">
          {isLive && <Room />}
          <div class="said" ref={body}>
            <div class="body"><Body message={message} me={me} onPress={onPress} /></div>
            {!isInThread && replies > 0 && (
              <button type="button" class="replies" onClick={() => onThread(message.ts)}>
                {repliers.split(" ").slice(0, 3).map((id) => <Avatar key={id} {...(user(id) ?? SLACKBOT)} />)}<b>{replies} {replies === 1 ? "reply" : "replies"}</b><span>Last reply {clock(lastReply)}</span>
              </button>
            )}
            {isLive && <Behind message={message} />}
          </div>
        </div>
      </div>
      {!message.onlyFor && (
        <div class="message-tools">
          {!isInThread && <button type="button" class="tool" aria-label={`Reply in thread to ${who.realName}, ${time}`} title="Reply in thread" onClick={() => onThread(message.ts)}><Icon name="chat" /></button>}
          <Shortcuts type="message" look="tool" name={`More actions for ${who.realName}, ${time}`} icon="more" choose={(callback) => void choose(callback)} />
        </div>
      )}
    </article>
  );
}

export const MessageView = memo(
  Drawn,
  (a, b) => a.message === b.message && a.isMore === b.isMore && a.replies === b.replies && a.count === b.count && a.lastReply === b.lastReply,
);
