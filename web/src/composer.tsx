// Where people type, with the commands that the manifest declares.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icons";
import { useKept } from "./kept";
import { Shortcuts } from "./menus";
import { Strip } from "./phones";
import { act, app, note } from "./store";

interface Offer {
  command: string;
  usage: string;
  about: string;
}

function offers(): Offer[] {
  const own = app().manifest.features.slash_commands.map((one: any) => ({ command: one.command, usage: one.usage_hint ?? "", about: one.description }));
  return [...own, { command: "/invite", usage: "@ringout", about: "Let the app into this channel" }];
}

interface Props {
  me: string;
  place: string;
  name: string;
  thread?: string;
  hints?: string[];
  onSent: () => void;
}

export function Composer({ me, place, name, thread = "", hints = [], onSent }: Props) {
  const [text, write] = useKept(`draft ${me} ${place} ${thread}`, "");
  const [at, move] = useState(0);
  const [isOpen, open] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const id = thread ? "thread-offers" : "offers";
  const found = thread || !text.startsWith("/") || /\s/.test(text) ? [] : offers().filter((one) => one.command.startsWith(text.toLowerCase()));
  const shown = isOpen ? found : [];
  const typed = thread ? undefined : offers().find((one) => text.startsWith(`${one.command} `));

  useLayoutEffect(() => {
    const element = field.current!;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, 160)}px`;
  }, [text]);

  const put = (next: string) => {
    write(next);
    move(0);
    open(next.startsWith("/"));
  };
  const take = (offer: Offer) => {
    put(`${offer.command} `);
    open(false);
    field.current!.focus();
  };
  const send = async () => {
    const line = text.trim();
    if (!line) return;
    put("");
    onSent();
    const answer = await act("type", { as: me, channel: place, text: line, thread });
    if (answer.note ?? answer.problem) note(me, place, thread, answer.note ?? answer.problem);
  };
  const choose = async (callback: string) => {
    const answer = await act("shortcut", { as: me, channel: place, callback });
    if (answer.note ?? answer.problem) note(me, place, thread, answer.note ?? answer.problem);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const offer = shown[at];
    if (offer && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      move((at + (event.key === "ArrowDown" ? 1 : shown.length - 1)) % shown.length);
    } else if (offer && event.key === "Escape") {
      open(false);
    } else if (offer && (event.key === "Tab" || event.key === "Enter") && !event.shiftKey && offer.command !== text) {
      take(offer);
    } else if (event.key === "Enter" && !event.shiftKey) {
      void send();
    } else {
      return;
    }
    event.preventDefault();
  };

  return (
    <form class="composer" onSubmit={(event) => { event.preventDefault(); void send(); }}>
      {shown.length > 0 && (
        <ul class="offers" id={id} role="listbox" aria-label="Commands">
          {shown.map((offer, number) => (
            <li key={offer.command} id={`${id}-${number}`} role="option" aria-selected={number === at} class={number === at ? "is-at" : ""} onMouseDown={(event) => event.preventDefault()} onClick={() => take(offer)}>
              <span class="offer-command">{offer.command} <i>{offer.usage}</i></span>
              <span class="offer-about">{offer.about}</span>
            </li>
          ))}
        </ul>
      )}
      <Strip me={me} />
      {hints.length > 0 && !typed && (
        <div class="hints"><span>Try</span>{hints.map((hint) => <button key={hint} type="button" class="chip" onClick={() => { put(hint); open(false); field.current!.focus(); }}>{hint}</button>)}</div>
      )}
      {typed && <div class="usage">{typed.command} <i>{typed.usage}</i></div>}
      <div class="composer-box">
        <Shortcuts type="global" look="tool plus" name="Shortcuts" icon="plus" choose={(callback) => void choose(callback)} />
        <textarea
          ref={field}
          rows={1}
          value={text}
          placeholder={thread ? "Reply…" : `Message ${name}`}
          aria-label={thread ? "Reply in thread" : `Message ${name}`}
          aria-autocomplete="list"
          aria-controls={shown.length ? id : undefined}
          aria-activedescendant={shown.length ? `${id}-${at}` : undefined}
          onInput={(event) => put(event.currentTarget.value)}
          onBlur={() => open(false)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" class="send" aria-label="Send" disabled={!text.trim()}><Icon name="send" /></button>
      </div>
    </form>
  );
}
