// Rich text blocks, drawn.

import type { ComponentChildren } from "preact";
import { Emoji, Link, Mention, Place, Plain, When } from "./mrkdwn";
import type { Json } from "./types";

function styled(element: Json, children: ComponentChildren): ComponentChildren {
  const style = element.style ?? {};
  let drawn = children;
  if (style.code) drawn = <code>{drawn}</code>;
  if (style.bold) drawn = <strong>{drawn}</strong>;
  if (style.italic) drawn = <em>{drawn}</em>;
  if (style.strike) drawn = <s>{drawn}</s>;
  return drawn;
}

function inner(element: Json): ComponentChildren {
  switch (element.type) {
    case "text":
      return <Plain text={element.text} />;
    case "link":
      return <Link url={element.url}>{element.text ?? element.url}</Link>;
    case "user":
      return <Mention id={element.user_id} />;
    case "channel":
      return <Place id={element.channel_id} />;
    case "usergroup":
      return <span class="mention">@{element.usergroup_id}</span>;
    case "broadcast":
      return <span class="mention">@{element.range}</span>;
    case "emoji":
      return <Emoji name={element.name} />;
    case "date":
      return <When seconds={element.timestamp} format={element.format} fallback={element.fallback ?? ""} />;
    case "color":
      return <code>{element.value}</code>;
    default:
      return element.text ?? "";
  }
}

function Line({ elements }: { elements: Json[] }) {
  return <>{elements.map((each, at) => <span key={at}>{styled(each, inner(each))}</span>)}</>;
}

function Part({ part }: { part: Json }) {
  switch (part.type) {
    case "rich_text_list": {
      const rows = part.elements.map((each: Json, at: number) => <li key={at}><Line elements={each.elements} /></li>);
      const depth = `depth-${Math.min(part.indent ?? 0, 4)}`;
      return part.style === "ordered" ? <ol class={depth} start={1 + (part.offset ?? 0)}>{rows}</ol> : <ul class={depth}>{rows}</ul>;
    }
    case "rich_text_quote":
      return <blockquote><Line elements={part.elements} /></blockquote>;
    case "rich_text_preformatted":
      return <pre><Line elements={part.elements} /></pre>;
    default:
      return <div class="rich-line"><Line elements={part.elements} /></div>;
  }
}

export function RichText({ block }: { block: Json }) {
  return <>{block.elements.map((part: Json, at: number) => <Part key={at} part={part} />)}</>;
}
