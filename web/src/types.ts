// What the server tells of, item by item (bot/sandbox/web/picture.py and room.py).

export type Json = Record<string, any>;

export interface User {
  id: string;
  name: string;
  realName: string;
  isBot: boolean;
}

export interface Channel {
  id: string;
  name: string;
  kind: "public" | "private" | "im" | "mpim" | "app-dm";
  members: string[];
  hasBot: boolean;
}

export interface Message {
  ts: string;
  channel: string;
  /** Whose it is; empty where it is the app's, for one person alone. */
  user: string;
  onlyFor: string;
  thread: string;
  text: string;
  blocks: Json[];
  isEdited: boolean;
  version: number;
  /** An answer of Slackbot's, which this page alone knows. */
  isNote?: boolean;
}

export interface View {
  id: string;
  user: string;
  hash: string;
  source: Json;
  /** What stands in its inputs, by block and element, as Slack would send it. */
  values: Json;
}

export type Side = "caller" | "callee";

export interface Phone {
  number: string;
  state: "idle" | "ringing" | "up" | "hung up" | "ended";
  ending: string;
  machine: boolean;
  ringsAt: number | null;
  upAt: number | null;
}

export interface Call {
  id: string;
  /** Whether the other party calls: `caller` is then the phone of ours that rings. */
  isIncoming: boolean;
  placedAt: number;
  overAt: number | null;
  stage: string;
  story: string;
  phones: Record<Side, Phone>;
}

export interface Request {
  id: string;
  side: "slack" | "ringcentral" | "hook";
  at: number;
  verb: string;
  what: string;
  status: number;
  error: string;
  group: string;
  limit: number | null;
  left: number | null;
  body: Record<string, string>;
  /** What an event tells that RingCentral has sent; nothing in a request of the bot's. */
  event?: { side: Side | "incoming"; state: string };
  /** What an event of the bot's hook says, as JSON; nothing in other requests. */
  json?: string;
}

export interface Budget {
  side: "slack" | "ringcentral";
  name: string;
  limit: number | null;
  left: number | null;
  window: number;
  isClosed: boolean;
}

export interface Bot {
  state: "running" | "starting" | "dead";
  pid: number;
  restarts: number;
}

export interface Story {
  name: string;
  about: string;
  group: string;
}
