// The question that a button may ask before it counts.

import { useLayoutEffect, useRef } from "preact/hooks";
import { Text } from "./mrkdwn";
import type { Json } from "./types";

export interface Question {
  about: Json;
  answer: (yes: boolean) => void;
}

export function Confirm({ question }: { question: Question }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { about, answer } = question;
  useLayoutEffect(() => dialog.current!.showModal(), []);
  const end = (yes: boolean) => () => {
    dialog.current?.close();
    answer(yes);
  };
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="confirm-title" onCancel={() => answer(false)}>
      <h2 id="confirm-title"><Text of={about.title} /></h2>
      <p class="mrkdwn"><Text of={about.text} /></p>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={end(false)}><Text of={about.deny} /></button>
        <button type="button" class={`button filled ${about.style ?? "primary"}`} onClick={end(true)}><Text of={about.confirm} /></button>
      </div>
    </dialog>
  );
}
