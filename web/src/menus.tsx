// Menus that act at once: "More" on a card, a list to choose from in a message, shortcuts.

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icons";
import { Text } from "./mrkdwn";
import { app, shortcuts } from "./store";
import type { Json } from "./types";

const GAP = 4;

interface Props {
  look: string;
  name?: string;
  options: Json[];
  children: ComponentChildren;
  pick: (option: Json) => void;
}

/** Put *list* below *opener*, or above it where there is more room. */
export function placeBelow(opener: HTMLElement, list: HTMLElement): void {
  const at = opener.getBoundingClientRect();
  const { offsetHeight: height, offsetWidth: width } = list;
  const isBelow = at.bottom + GAP + height <= innerHeight || at.top < innerHeight - at.bottom;
  list.style.left = `${Math.max(GAP, Math.min(at.left, innerWidth - width - GAP))}px`;
  list.style.top = `${Math.max(GAP, isBelow ? at.bottom + GAP : at.top - GAP - height)}px`;
}

/**
 * A button with a list of what can be done. The browser's own menu would not do: with the
 * arrow keys it takes each option that is passed, and here the first one might dial.
 */
export function Popup({ look, name, options, children, pick }: Props) {
  const [isOpen, open] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const items = (): HTMLElement[] => [...(list.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
  const show = () => {
    list.current!.showPopover();
    placeBelow(opener.current!, list.current!);
    items()[0]?.focus();
  };
  useLayoutEffect(() => {
    if (isOpen) show();
  }, [isOpen]);
  // The browser tells a moment later that it has closed a list, which may be wanted again by then.
  const press = () => {
    if (list.current && !list.current.matches(":popover-open")) show();
    else open(true);
  };
  const close = () => {
    if (list.current?.matches(":popover-open")) list.current.hidePopover();
  };
  const take = (option: Json) => {
    close();
    opener.current?.focus();
    pick(option);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const letter = event.key.length === 1 ? event.key.toLowerCase() : "";
    let next: HTMLElement | undefined;
    if (step) next = all[(at + step + all.length) % all.length];
    else if (event.key === "Home") next = all[0];
    else if (event.key === "End") next = all.at(-1);
    else if (event.key === "Tab") close();
    else if (event.key === "Escape") event.stopPropagation(); // which would close a thread, too
    else if (letter.trim()) next = [...all.slice(at + 1), ...all].find((one) => one.innerText.toLowerCase().startsWith(letter));
    if (!next) return;
    next.focus();
    event.preventDefault();
  };
  return (
    <>
      <button ref={opener} type="button" class={look} aria-label={name} title={name} aria-haspopup="menu" aria-expanded={isOpen} aria-controls={isOpen ? id : undefined} onClick={press}>{children}</button>
      {isOpen && (
        <div ref={list} id={id} class="popup" popover="auto" role="menu" aria-label={name ?? "Choose"} onKeyDown={onKeyDown} onToggle={(event) => { if (event.newState === "closed") open(false); }}>
          {options.map((one) => <button key={one.value} type="button" class="popup-item" role="menuitem" tabIndex={-1} onClick={() => take(one)}><Text of={one.text} />{one.description && <small><Text of={one.description} /></small>}</button>)}
        </div>
      )}
    </>
  );
}

/** The app's shortcuts, of a message or of the composer, with what each of them does. */
export function Shortcuts({ type, look, name, icon, choose }: { type: "message" | "global"; look: string; name: string; icon: "more" | "plus"; choose: (callback: string) => void }) {
  const all = shortcuts(type);
  if (!all.length) return null;
  const options = all.map((one) => ({ value: one.callback_id, text: { type: "plain_text", text: one.name }, description: { type: "plain_text", text: `${app().manifest.display_information.name} · ${one.description}` } }));
  return <Popup look={look} name={name} options={options} pick={(one) => choose(one.value)}><Icon name={icon} /></Popup>;
}
