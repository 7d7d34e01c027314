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
  const isYes = useRef(false);
  // Closed first, and only then drawn no more: so the browser gives the focus back.
  const end = (yes: boolean) => () => {
    isYes.current = yes;
    dialog.current?.close();
  };
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="confirm-title" onClose={() => answer(isYes.current)}>
      <h2 id="confirm-title"><Text of={about.title} /></h2>
      <p class="dialog-text mrkdwn"><Text of={about.text} /></p>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={end(false)}><Text of={about.deny} /></button>
        <button type="button" class={`button filled ${about.style ?? "primary"}`} onClick={end(true)}><Text of={about.confirm} /></button>
      </div>
    </dialog>
  );
}
