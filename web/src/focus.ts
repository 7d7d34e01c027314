// Where the keyboard goes on when what had the focus is drawn no more.

const MOST = 12;
/** The refuges that had the focus, or had it within, the newest last. */
const trail: HTMLElement[] = [];
let last: Element | null = null;

const isNowhere = (): boolean => document.activeElement === null || document.activeElement === document.body;

function remember(element: Element): void {
  last = element;
  const refuges: HTMLElement[] = [];
  for (let at = element.closest<HTMLElement>("[data-refuge]"); at; at = at.parentElement?.closest<HTMLElement>("[data-refuge]") ?? null) refuges.unshift(at);
  for (const refuge of refuges) {
    const before = trail.indexOf(refuge);
    if (before >= 0) trail.splice(before, 1);
    trail.push(refuge);
  }
  trail.splice(0, trail.length - MOST);
}

/** Give the focus to the last of those places that is still to be seen. */
function rescue(): void {
  if (!last || last.isConnected || !isNowhere()) return;
  last = null;
  while (isNowhere() && trail.length) {
    const refuge = trail.at(-1)!;
    if (refuge.isConnected) refuge.focus();
    if (isNowhere()) trail.pop();
  }
}

/**
 * A pressed key of a phone, a card's button, an answered question: each takes the focus
 * with it when it goes. Elements with `data-refuge` (and a `tabindex`) take it over.
 */
export function keepFocus(): void {
  document.addEventListener("focusin", (event) => remember(event.target as Element));
  document.addEventListener("focusout", (event) => {
    const left = event.target as Element;
    // Somebody pressed where there is nothing: that is no loss.
    queueMicrotask(() => {
      if (left.isConnected && last === left && isNowhere()) last = null;
    });
  });
  new MutationObserver(rescue).observe(document.body, { childList: true, subtree: true });
}
