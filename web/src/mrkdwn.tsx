// Slack's mrkdwn, drawn.

import EMOJI from "emoji-names";
import type { ComponentChildren } from "preact";
import parse, { NodeType, type Node } from "slack-message-parser";
import { formatted } from "./dates";
import { channel, travel, user } from "./store";

const ENTITIES: Record<string, string> = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };
export const plain = (text: string): string => text.replace(/&(lt|gt|amp);/g, (entity) => ENTITIES[entity]!);

const NUMBER = /((?<![\d•])[+(]?[\d•][\d•() .\u00a0-]{5,20}[\d•](?![\d•]))/;

/** Text as it is, but for telephone numbers: each stays on one line. */
export function Plain({ text }: { text: string }) {
  const parts = text.split(NUMBER);
  return <>{parts.map((part, at) => (at % 2 ? <span key={at} class="nowrap">{part}</span> : part))}</>;
}

/** What Slack takes for an address where somebody has typed it, and not in code or in a link. */
const TYPED = /https?:\/\/[^\s<>|]*[^\s<>|.,;:!?'")\]}*_~]/g;
const APART = /(```[\s\S]*?```|`[^`\n]*`|<[^>]*>)/;
const linked = (text: string): string =>
  text.split(APART).map((part, at) => (at % 2 ? part : part.replace(TYPED, "<$&>"))).join("");

export function Mention({ id, label }: { id: string; label?: string }) {
  return <span class="mention">@{user(id)?.realName ?? label ?? id}</span>;
}

export function Place({ id, label }: { id: string; label?: string }) {
  return <span class="mention">#{channel(id)?.name ?? label ?? id}</span>;
}

export function Emoji({ name }: { name: string }) {
  const found = EMOJI[name];
  return found ? <span class="emoji" role="img" aria-label={name.replaceAll("_", " ")}>{found}</span> : <>:{name}:</>;
}

export function When({ seconds, format, fallback }: { seconds: number; format: string; fallback: string }) {
  const at = new Date(seconds * 1000);
  return <time dateTime={Number.isNaN(at.getTime()) ? undefined : at.toISOString()} title={at.toLocaleString()}>{formatted(seconds, format, fallback)}</time>;
}

/** Where a message of this workspace is: its channel, its ts, and whose thread it is in. */
const MESSAGE = /^https:\/\/[\w-]+\.slack\.com\/archives\/(\w+)\/p(\d{10})(\d{6})(?:\?thread_ts=([\d.]+))?/;

export function Link({ url, children }: { url: string; children: ComponentChildren }) {
  const there = MESSAGE.exec(url);
  if (there && channel(there[1]!)) {
    const go = (event: Event) => {
      event.preventDefault();
      travel(there[1]!, `${there[2]}.${there[3]}`, there[4] ?? "");
    };
    return <a href={url} onClick={go}>{children}</a>;
  }
  const isSafe = /^(https?:|mailto:|tel:)/i.test(url);
  return isSafe ? <a href={url} target="_blank" rel="noopener noreferrer">{children}</a> : <>{children}</>;
}

function Command({ node }: { node: Extract<Node, { type: NodeType.Command }> }) {
  const label = node.label?.map((each) => each.source).join("") ?? "";
  if (node.name === "date") {
    const [seconds, format = "", url] = node.arguments;
    const when = <When seconds={Number(seconds)} format={format} fallback={plain(label)} />;
    return url ? <Link url={url}>{when}</Link> : when;
  }
  return <span class="mention">@{plain(label) || node.name}</span>;
}

function Piece({ node }: { node: Node }) {
  switch (node.type) {
    case NodeType.Text:
      return <Plain text={plain(node.text)} />;
    case NodeType.UserLink:
      return <Mention id={node.userID} label={node.label?.map((each) => each.source).join("")} />;
    case NodeType.ChannelLink:
      return <Place id={node.channelID} label={node.label?.map((each) => each.source).join("")} />;
    case NodeType.URL:
      return <Link url={plain(node.url)}>{node.label ? <Pieces nodes={node.label} /> : plain(node.url)}</Link>;
    case NodeType.Command:
      return <Command node={node} />;
    case NodeType.Emoji:
      return <Emoji name={node.name} />;
    case NodeType.PreText:
      return <pre>{plain(node.text)}</pre>;
    case NodeType.Code:
      return <code><Plain text={plain(node.text)} /></code>;
    case NodeType.Italic:
      return <em><Pieces nodes={node.children} /></em>;
    case NodeType.Bold:
      return <strong><Pieces nodes={node.children} /></strong>;
    case NodeType.Strike:
      return <s><Pieces nodes={node.children} /></s>;
    case NodeType.Quote:
      return <blockquote><Pieces nodes={node.children} /></blockquote>;
    case NodeType.Root:
      return <Pieces nodes={node.children} />;
  }
}

function Pieces({ nodes }: { nodes: Node[] }) {
  return <>{nodes.map((node, at) => <Piece key={at} node={node} />)}</>;
}

/** An app may begin a quotation with the sign itself, which people's own texts have escaped. */
const quoting = (text: string): string => text.replace(/^> ?/gm, "&gt; ");

export function Mrkdwn({ text }: { text: string }) {
  return <Piece node={parse(linked(quoting(text)))} />;
}

/** A text object of Block Kit, whichever kind it is. */
export function Text({ of }: { of: { type: string; text: string; emoji?: boolean } }) {
  if (of.type === "mrkdwn") return <Mrkdwn text={of.text} />;
  const parts = of.text.split(/(:[a-z0-9_+-]+:)/);
  return <>{parts.map((part, at) => (at % 2 ? <Emoji key={at} name={part.slice(1, -1)} /> : <Plain key={at} text={part} />))}</>;
}
