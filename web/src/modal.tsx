// A modal that the app has opened, and the Home tab: both are views.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Blocks } from "./blocks";
import type { Hands } from "./elements";
import { Text } from "./mrkdwn";
import { act, note } from "./store";
import type { Json, View } from "./types";

function stateful(view: View): [Json, Json][] {
  const found: [Json, Json][] = [];
  for (const block of view.source.blocks)
    for (const element of [block.element, block.accessory, ...(block.elements ?? [])])
      if (element?.action_id && element.type !== "button") found.push([block, element]);
  return found;
}

/** A view's values as Slack sends them: by block and element. */
function useValues(view: View) {
  const [filled, fill] = useState<Record<string, Json>>({});
  const key = (block: Json, element: Json) => `${block.block_id}\n${element.action_id}`;
  const begun = (block: Json, element: Json): Json | undefined => view.values[block.block_id]?.[element.action_id];
  const values = (): Json => {
    const all: Json = {};
    for (const [block, element] of stateful(view))
      (all[block.block_id] ??= {})[element.action_id] = { type: element.type, ...begun(block, element), ...filled[key(block, element)] };
    return all;
  };
  const hands = (me: string, ask: (about: Json) => Promise<boolean>): Hands => ({
    me,
    isForm: view.source.type === "modal",
    filled: (block, element) => filled[key(block, element)] ?? begun(block, element),
    suggest: async (element, typed) => {
      const answer = await act("query", { as: me, view: view.id, action: element.action_id, typed });
      return answer.options ?? answer.note ?? answer.problem;
    },
    fill: (block, element, value) => fill((before) => ({ ...before, [key(block, element)]: value })),
    press: async (block, element, value) => {
      if (block.type === "input" && !block.dispatch_action) return;
      if (element.confirm && !(await ask(element.confirm))) return;
      await act("view click", { as: me, view: view.id, action: element.action_id, block: block.block_id, value, values: values() });
    },
  });
  return { values, hands };
}

interface Props {
  view: View;
  me: string;
  ask: (about: Json) => Promise<boolean>;
}

export function Modal({ view, me, ask, place }: Props & { place: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [errors, complain] = useState<Record<string, string>>({});
  const { values, hands } = useValues(view);
  const { source } = view;
  useLayoutEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);
  useEffect(() => {
    // Another view in its place may have no such button, or no button at all.
    if (document.activeElement === document.body) dialog.current!.querySelector<HTMLElement>(".modal-blocks")!.focus();
  }, [source]);
  useEffect(() => {
    if (!Object.keys(errors).length) return;
    const wrong = dialog.current!.querySelector<HTMLElement>(".input.is-wrong :is(input, select, textarea)");
    wrong?.focus();
  }, [errors]);
  const close = () => void act("close", { as: me, view: view.id });
  const submit = async (event: Event) => {
    event.preventDefault();
    const missing: Record<string, string> = {};
    const now = values();
    for (const block of source.blocks) {
      if (block.type !== "input" || block.optional) continue;
      const { type, ...value } = now[block.block_id]?.[block.element.action_id] ?? {};
      const isFilled = Object.values(value).some((one: any) => (Array.isArray(one) ? one.length : one));
      if (!isFilled) missing[block.block_id] = "Please complete this required field.";
    }
    complain(missing);
    if (Object.keys(missing).length) return;
    const answer = await act("submit", { as: me, view: view.id, values: now });
    complain(answer.errors ?? {});
    if (answer.note ?? answer.problem) note(me, place, "", answer.note ?? answer.problem);
  };
  return (
    <dialog ref={dialog} class="dialog modal" aria-labelledby={`title-${view.id}`} onCancel={(event) => { event.preventDefault(); close(); }}>
      <form method="dialog" noValidate onSubmit={submit}>
        <h2 id={`title-${view.id}`}><Text of={source.title} /></h2>
        <div class="modal-blocks" tabIndex={0} role="group" aria-labelledby={`title-${view.id}`}><Blocks blocks={source.blocks} hands={hands(me, ask)} errors={errors} /></div>
        <div class="dialog-buttons">
          <button type="button" class="button" onClick={close}>{source.close ? <Text of={source.close} /> : "Close"}</button>
          {source.submit && <button type="submit" class="button filled primary"><Text of={source.submit} /></button>}
        </div>
      </form>
    </dialog>
  );
}

export function Home({ view, me, ask }: Props) {
  const { hands } = useValues(view);
  return <div class="home"><Blocks blocks={view.source.blocks} hands={hands(me, ask)} /></div>;
}
