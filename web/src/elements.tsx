// What can be pressed or filled in: in messages, in modals, on the Home tab.

import { Icon } from "./icons";
import { Popup } from "./menus";
import { Mrkdwn, Text } from "./mrkdwn";
import { nameOf, visible } from "./sidebar";
import { people } from "./store";
import { Suggest } from "./suggest";
import type { Channel, Json } from "./types";

/** What becomes of a used element; *values* is what modals collect. */
export interface Hands {
  me: string;
  /** Whether it is a form, whose values count when it is sent. */
  isForm: boolean;
  press: (block: Json, element: Json, value: string) => void;
  fill: (block: Json, element: Json, value: Json) => void;
  filled: (block: Json, element: Json) => Json | undefined;
  /** What the app offers for what was typed; a text says why it offers nothing. */
  suggest: (element: Json, typed: string) => Promise<Json[] | string>;
}

export interface Props {
  block: Json;
  element: Json;
  hands: Hands;
  label?: string;
  describedBy?: string;
  isWrong?: boolean;
}

function Button({ block, element, hands }: Props) {
  const open = () => {
    if (element.url) window.open(element.url, "_blank", "noopener,noreferrer");
    hands.press(block, element, "");
  };
  return (
    <button type="button" class={`button ${element.style ?? ""}`} aria-label={element.accessibility_label} onClick={open}>
      <Text of={element.text} />
    </button>
  );
}

/** What a filter of conversations calls each kind. */
const FILTERED: Record<Channel["kind"], string> = { public: "public", private: "private", im: "im", mpim: "mpim", "app-dm": "im" };

function conversations(element: Json, me: string): Channel[] {
  const include: string[] = element.type.includes("channels") ? ["public"] : (element.filter?.include ?? Object.values(FILTERED));
  return visible(me).filter((one) => include.includes(FILTERED[one.kind]));
}

const titled = (one: Channel, me: string): string =>
  one.kind === "public" ? `#${one.name}` : one.kind === "private" ? `${one.name} (private)` : nameOf(one, me);

/** Every kind of menu, as a list of options with a text and a value. */
function optionsOf(element: Json, me: string): Json[] {
  const plain = (text: string, value: string): Json => ({ text: { type: "plain_text", text }, value });
  if (element.type.includes("users")) return people().map((one) => plain(one.realName, one.id));
  if (/channels|conversations/.test(element.type)) return conversations(element, me).map((one) => plain(titled(one, me), one.id));
  return element.options ?? (element.option_groups ?? []).flatMap((group: Json) => group.options);
}

function chosen(element: Json, option: Json | undefined): Json {
  if (element.type.includes("users")) return { selected_user: option?.value ?? null };
  if (element.type.includes("channels")) return { selected_channel: option?.value ?? null };
  if (element.type.includes("conversations")) return { selected_conversation: option?.value ?? null };
  return { selected_option: option ?? null };
}

function Menu({ block, element, hands, label, describedBy, isWrong }: Props) {
  const options = optionsOf(element, hands.me);
  const now = hands.filled(block, element);
  const value = now?.selected_option?.value ?? now?.selected_user ?? now?.selected_channel ?? now?.selected_conversation ?? element.initial_option?.value ?? "";
  const pick = (event: Event) => {
    const option = options.find((one) => one.value === (event.target as HTMLSelectElement).value);
    hands.fill(block, element, chosen(element, option));
    if (option) hands.press(block, element, option.value);
  };
  if (!hands.isForm) {
    const shown = options.find((one) => one.value === value)?.text ?? element.placeholder;
    const take = (option: Json) => {
      hands.fill(block, element, chosen(element, option));
      hands.press(block, element, option.value);
    };
    return <Popup look="button menu" options={options} pick={take}>{shown ? <Text of={shown} /> : "Choose…"}<Icon name="open" /></Popup>;
  }
  return (
    <select class="field" aria-label={label ?? element.placeholder?.text ?? "Choose"} aria-describedby={describedBy} aria-invalid={isWrong} value={value} onChange={pick}>
      <option value="">{element.placeholder?.text ?? "Choose…"}</option>
      {options.map((one) => <option key={one.value} value={one.value}>{one.text.text}</option>)}
    </select>
  );
}

function Overflow({ block, element, hands }: Props) {
  const pick = (option: Json) => {
    if (option.url) window.open(option.url, "_blank", "noopener,noreferrer");
    hands.press(block, element, option.value);
  };
  return <Popup look="button overflow" name="More" options={element.options} pick={pick}><Icon name="more" /></Popup>;
}

function Choices({ block, element, hands, label, describedBy, isWrong }: Props) {
  const isMany = element.type !== "radio_buttons";
  const now = hands.filled(block, element);
  const initial: Json[] = element.initial_options ?? [element.initial_option];
  const picked: Json[] = (now ? (isMany ? now.selected_options : [now.selected_option]) : initial).filter(Boolean);
  const pick = (option: Json, on: boolean) => {
    const others = picked.filter((one) => one.value !== option.value);
    const next = on ? [...others, option] : others;
    hands.fill(block, element, isMany ? { selected_options: next } : { selected_option: option });
    hands.press(block, element, option.value);
  };
  return (
    <div class="choices" role={isMany ? "group" : "radiogroup"} aria-label={label} aria-describedby={describedBy} aria-invalid={isMany ? undefined : isWrong}>
      {element.options.map((one: Json) => (
        <label key={one.value}>
          <input type={isMany ? "checkbox" : "radio"} name={`${block.block_id}-${element.action_id}`} aria-invalid={isMany ? isWrong : undefined} checked={picked.some((each) => each.value === one.value)} onChange={(event) => pick(one, event.currentTarget.checked)} />
          <span><Text of={one.text} />{one.description && <small><Text of={one.description} /></small>}</span>
        </label>
      ))}
    </div>
  );
}

const KINDS: Record<string, ["text" | "number" | "email" | "url" | "date" | "time", string]> = {
  plain_text_input: ["text", "value"],
  number_input: ["number", "value"],
  email_text_input: ["email", "value"],
  url_text_input: ["url", "value"],
  datepicker: ["date", "selected_date"],
  timepicker: ["time", "selected_time"],
};

function Input({ block, element, hands, label, describedBy, isWrong }: Props) {
  const [kind, name] = KINDS[element.type]!;
  const initial = element.initial_value ?? element.initial_date ?? element.initial_time ?? "";
  const common = {
    class: "field",
    "aria-label": label,
    "aria-describedby": describedBy,
    "aria-invalid": isWrong,
    placeholder: element.placeholder?.text,
    value: hands.filled(block, element)?.[name] ?? initial,
    maxLength: element.max_length,
    autofocus: element.focus_on_load,
    onInput: (event: Event) => hands.fill(block, element, { [name]: (event.target as HTMLInputElement).value || null }),
  };
  return element.multiline ? <textarea rows={4} {...common} /> : <input type={kind as "text"} min={element.min_value} max={element.max_value} {...common} />;
}

export function Element(props: Props) {
  const { element } = props;
  if (element.type === "button") return <Button {...props} />;
  if (element.type === "overflow") return <Overflow {...props} />;
  if (element.type === "image") return <Picture element={element} />;
  if (["checkboxes", "radio_buttons"].includes(element.type) || element.type.startsWith("multi_"))
    return <Choices {...props} element={{ ...element, options: optionsOf(element, props.hands.me) }} />;
  if (element.type === "external_select") return <Suggest {...props} />;
  if (element.type.endsWith("_select")) return <Menu {...props} />;
  if (element.type in KINDS) return <Input {...props} />;
  if (element.type === "mrkdwn" || element.type === "plain_text") return <Text of={element as any} />;
  return <span class="unknown">This page does not draw “{element.type}”.</span>;
}

/** A picture, where it comes with the message: this page loads nothing from elsewhere. */
export function Picture({ element }: { element: Json }) {
  const isHere = String(element.image_url ?? "").startsWith("data:image/");
  return isHere ? <img src={element.image_url} alt={element.alt_text} /> : <span class="picture" role="img" aria-label={element.alt_text}><Mrkdwn text={element.alt_text} /></span>;
}
