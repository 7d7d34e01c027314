// The few signs that the page uses; all of them say nothing to a screen reader.

const PATHS = {
  phone: "M7 3.5c-1.6 0-3 1.4-3 3C4 14 10 20 17.5 20c1.600 0 3-1.400 3-3l-4.200-2.300-1.800 1.800C11.800 15.300 8.700 12.200 7.500 9.500l1.800-1.800z",
  lock: "M7 10V7a5 5 0 0 1 10 0v3h1.500v10h-13V10zm2 0h6V7a3 3 0 0 0-6 0z",
  close: "M6 4.600 12 10.600l6-6L19.400 6l-6 6 6 6-1.400 1.400-6-6-6 6L4.600 18l6-6-6-6z",
  eye: "M12 5C6.500 5 2.500 9.500 1.500 12c1 2.500 5 7 10.500 7s9.500-4.500 10.500-7c-1-2.500-5-7-10.500-7m0 3a4 4 0 1 1 0 8 4 4 0 0 1 0-8m0 2a2 2 0 1 0 0 4 2 2 0 0 0 0-4",
  send: "M3 4.500 21 12 3 19.500 3 13.700 14 12 3 10.300z",
  chat: "M4 4h16v12H10l-5 4v-4H4zm2 2v8h1v1.900L9.300 14H18V6z",
  sun: "M12 7a5 5 0 1 1 0 10 5 5 0 0 1 0-10m-1-6h2v3.500h-2zm0 18.500h2V23h-2zM1 11h3.500v2H1zm18.500 0H23v2h-3.500zM4.900 3.500l2.500 2.500L6 7.400 3.500 4.900zm13.100 13.100 2.500 2.500-1.400 1.400-2.500-2.500zM19.100 3.500l1.400 1.400L18 7.400 16.600 6zM6 16.600 7.400 18l-2.500 2.500-1.400-1.400z",
  moon: "M20.500 14.500A8.500 8.500 0 0 1 9.500 3.500a8.500 8.500 0 1 0 11 11",
  dock: "M3 4.500h18v15H3zm2 2v11h8.500v-11zm10.500 0v11H19v-11z",
  down: "M11 4h2v11.200l4.300-4.300 1.400 1.400L12 19l-6.700-6.700 1.400-1.400 4.300 4.300z",
  more: "M5 10a2 2 0 1 1 0 4 2 2 0 0 1 0-4m7 0a2 2 0 1 1 0 4 2 2 0 0 1 0-4m7 0a2 2 0 1 1 0 4 2 2 0 0 1 0-4",
  open: "M6.700 9 12 14.300 17.300 9l1.400 1.400L12 17.100l-6.700-6.700z",
  tick: "M9.500 18.400 3.600 12.500 5 11.100l4.500 4.500L19 6.100l1.400 1.400z",
  plus: "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z",
  in: "M19.400 6 10.400 15H17v2H7V7h2v6.600l9-9z",
  up: "M13 20h-2V8.800l-4.300 4.300-1.400-1.400L12 5l6.700 6.700-1.400 1.400L13 8.800z",
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path fill="currentColor" fill-rule="evenodd" d={PATHS[name]} /></svg>;
}

const HUES: Record<string, string> = { ann: "plum", bob: "moss", carl: "rust" };

interface Face {
  name: string;
  realName: string;
  isBot: boolean;
  isSmall?: boolean;
}

export function Avatar({ name, realName, isBot, isSmall = false }: Face) {
  if (isBot) return <span class="avatar app" aria-hidden="true"><Icon name="phone" /></span>;
  const initials = realName.split(" ").map((word) => word[0]).join("").slice(0, isSmall ? 1 : 2);
  return <span class={`avatar ${HUES[name] ?? "slate"}`} aria-hidden="true">{initials}</span>;
}
