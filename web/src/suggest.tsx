// A field whose menu the app fills as one types.

import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Props } from "./elements";
import { Icon } from "./icons";
import { placeBelow } from "./menus";
import { Text } from "./mrkdwn";
import type { Json } from "./types";

/** Milliseconds without a key until the app is asked. */
const PAUSE = 120;
/** What Slack asks for where a menu doesn't say. */
const USUAL_QUERY = 3;

/** The app's options for what is typed, while the menu is open. */
function useOptions(element: Json, isOpen: boolean, typed: string, suggest: Props["hands"]["suggest"]) {
  const [found, find] = useState<{ typed: string; options: Json[]; problem: string } | null>(null);
  const isAsked = isOpen && typed.length >= (element.min_query_length ?? USUAL_QUERY);
  useEffect(() => {
    if (!isAsked) return;
    let isWanted = true;
    const later = setTimeout(async () => {
      const answer = await suggest(element, typed);
      if (!isWanted) return;
      const options = Array.isArray(answer) ? answer : [];
      find({ typed, options, problem: Array.isArray(answer) ? (typed && !options.length ? "No results" : "") : answer });
    }, typed ? PAUSE : 0);
    return () => {
      isWanted = false;
      clearTimeout(later);
    };
  }, [isAsked, typed]);
  return { found, isCurrent: found !== null && found.typed === typed };
}

export function Suggest({ block, element, hands, label, describedBy, isWrong }: Props) {
  const chosen: Json | null = hands.filled(block, element)?.selected_option ?? null;
  const [typed, type] = useState(chosen?.text.text ?? "");
  const [isOpen, open] = useState(false);
  const [at, move] = useState(0);
  const { found, isCurrent } = useOptions(element, isOpen, chosen ? "" : typed, hands.suggest);
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  /** Somebody has pressed Enter before the options for what they typed were there. */
  const isEager = useRef(false);
  const id = useId();
  const options = found?.options ?? [];
  const isShown = isOpen && found !== null;
  useLayoutEffect(() => {
    if (!isShown) return;
    const box = list.current!;
    const put = () => placeBelow(field.current!, box);
    box.style.width = `${field.current!.offsetWidth}px`;
    if (!box.matches(":popover-open")) box.showPopover();
    put();
    addEventListener("scroll", put, true);
    addEventListener("resize", put);
    return () => {
      removeEventListener("scroll", put, true);
      removeEventListener("resize", put);
    };
  }, [isShown, found]);
  useLayoutEffect(() => {
    list.current?.querySelector(`[aria-selected="true"]`)?.scrollIntoView({ block: "nearest" });
  }, [at, found]);
  useEffect(() => {
    if (isCurrent && isEager.current && options[0]) take(options[0]);
  }, [isCurrent]);

  const put = (option: Json | null) => hands.fill(block, element, { selected_option: option });
  const take = (option: Json) => {
    isEager.current = false;
    put(option);
    type(option.text.text);
    open(false);
    hands.press(block, element, option.value);
  };
  const onInput = (event: Event) => {
    if (chosen) put(null);
    isEager.current = false;
    type((event.target as HTMLInputElement).value);
    move(0);
    open(true);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !isShown) open(true);
    else if (step) move((at + step + options.length) % Math.max(options.length, 1));
    else if (event.key === "Escape" && isOpen) open(false);
    else if (event.key === "Enter" && isShown && isCurrent && options[at]) take(options[at]);
    else if (event.key === "Enter" && !chosen) isEager.current = Boolean(typed) && !isCurrent, open(true);
    else return;
    event.preventDefault();
  };
  const optionId = (number: number) => `${id}-${number}`;
  return (
    <div class="suggest">
      <input
        ref={field}
        class="field"
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        value={typed}
        placeholder={element.placeholder?.text}
        autofocus={element.focus_on_load}
        aria-label={label ?? element.placeholder?.text}
        aria-describedby={describedBy}
        aria-invalid={isWrong}
        aria-autocomplete="list"
        aria-expanded={isShown}
        aria-controls={isShown ? id : undefined}
        aria-activedescendant={isShown && options[at] ? optionId(at) : undefined}
        onInput={onInput}
        onClick={() => open(true)}
        onBlur={() => open(false)}
        onKeyDown={onKeyDown}
      />
      <Icon name={chosen ? "tick" : "open"} />
      {isShown && (
        <div ref={list} id={id} class="popup suggestions" popover="manual" role="listbox" aria-label={label ?? "Suggestions"} aria-busy={!isCurrent}>
          {options.map((one, number) => (
            <div key={one.value} id={optionId(number)} class="suggestion" role="option" aria-selected={number === at} onMouseDown={(event) => event.preventDefault()} onMouseMove={() => move(number)} onClick={() => take(one)}>
              <Text of={one.text} />
              {one.description && <small><Text of={one.description} /></small>}
            </div>
          ))}
        </div>
      )}
      <span class={isShown && found.problem ? "suggest-problem" : "hidden"} role="status">{isShown && found.problem}</span>
    </div>
  );
}
