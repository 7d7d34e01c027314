// What this tab remembers when it is loaded again: who one is, where, and what one was writing.

import { useState } from "preact/hooks";

/** Return what was kept under *name*; a browser may be told to keep nothing. */
export function kept<T>(name: string, otherwise: T): T {
  try {
    const found = sessionStorage.getItem(name);
    return found === null ? otherwise : (JSON.parse(found) as T);
  } catch {
    return otherwise;
  }
}

export function keep(name: string, value: unknown): void {
  try {
    if (value === "") sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Then it is forgotten.
  }
}

/** A state that outlives the page. */
export function useKept<T>(name: string, first: T): [T, (next: T) => void] {
  const [value, set] = useState<T>(() => kept(name, first));
  const change = (next: T) => {
    keep(name, next);
    set(next);
  };
  return [value, change];
}
