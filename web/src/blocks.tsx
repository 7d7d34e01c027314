// Blocks, drawn as Slack draws them.

import { useState } from "preact/hooks";
import { Chart } from "./chart";
import { Element, Picture, type Hands } from "./elements";
import { Plain, Text } from "./mrkdwn";
import { RichText } from "./richtext";
import type { Json } from "./types";

interface Props {
  block: Json;
  hands: Hands;
  error?: string;
}

function Section({ block, hands }: Props) {
  return (
    <div class="section">
      <div class="section-text">
        {block.text && <div class="mrkdwn"><Text of={block.text} /></div>}
        {block.fields && (
          <div class="fields">
            {block.fields.map((each: Json, at: number) => <div key={at} class="mrkdwn"><Text of={each as any} /></div>)}
          </div>
        )}
      </div>
      {block.accessory && <div class="accessory"><Element block={block} element={block.accessory} hands={hands} /></div>}
    </div>
  );
}

function Cell({ cell }: { cell: Json }) {
  return cell.type === "rich_text" ? <RichText block={cell} /> : <Plain text={cell.text} />;
}

/** Rows on a page of a data table that does not say how many. */
const PAGE = 5;

function Rows({ block, from = 0, to }: { block: Json; from?: number; to?: number }) {
  const [head = [], ...rows] = block.rows as Json[][];
  const look = (at: number): string => {
    const settings = block.column_settings?.[at] ?? {};
    return `${settings.align ?? "left"} ${settings.is_wrapped ? "wraps" : ""}`;
  };
  const cell = (one: Json, at: number) =>
    block.row_header_column_index === at ? <th key={at} scope="row" class={look(at)}><Cell cell={one} /></th> : <td key={at} class={look(at)}><Cell cell={one} /></td>;
  return (
    <div class="table" role="region" aria-label={block.caption ?? "Table"} tabIndex={0}>
      <table>
        <thead><tr>{head.map((cell, at) => <th key={at} scope="col" class={look(at)}><Cell cell={cell} /></th>)}</tr></thead>
        <tbody>{rows.slice(from, to).map((row, number) => <tr key={number}>{row.map(cell)}</tr>)}</tbody>
      </table>
    </div>
  );
}

/** A table that turns its own pages. */
function DataTable({ block }: { block: Json }) {
  const [page, turn] = useState(0);
  const size: number = block.page_size ?? PAGE;
  const count = block.rows.length - 1;
  const last = Math.max(0, Math.ceil(count / size) - 1);
  const at = Math.min(page, last);
  const to = Math.min(count, (at + 1) * size);
  return (
    <div class="data-table">
      <Rows block={block} from={at * size} to={to} />
      {last > 0 && (
        <div class="pages" role="group" aria-label="Pages of the table">
          <span role="status">{at * size + 1} to {to} of {count}</span>
          <button type="button" class="button" aria-disabled={at === 0} onClick={() => turn(Math.max(0, at - 1))}>Previous</button>
          <button type="button" class="button" aria-disabled={at === last} onClick={() => turn(Math.min(last, at + 1))}>Next</button>
        </div>
      )}
    </div>
  );
}

function Input({ block, hands, error }: Props) {
  const id = `hint-${block.block_id}`;
  return (
    <div class={error ? "input is-wrong" : "input"}>
      <div class="label"><Text of={block.label} />{block.optional && <small> (optional)</small>}</div>
      <Element block={block} element={block.element} hands={hands} label={block.label.text} describedBy={error || block.hint ? id : undefined} isWrong={error ? true : undefined} />
      {(error || block.hint) && <div id={id} class={error ? "error" : "hint"} role={error ? "alert" : undefined}>{error ?? <Text of={block.hint} />}</div>}
    </div>
  );
}

function Block({ block, hands, error }: Props) {
  switch (block.type) {
    case "section":
      return <Section block={block} hands={hands} />;
    case "header":
      return <h3 class="header"><Text of={block.text} /></h3>;
    case "context":
      return <div class="context">{block.elements.map((each: Json, at: number) => <span key={at}><Element block={block} element={each} hands={hands} /></span>)}</div>;
    case "actions":
      return <div class="actions">{block.elements.map((each: Json) => <Element key={each.action_id} block={block} element={each} hands={hands} />)}</div>;
    case "divider":
      return <hr />;
    case "table":
      return <Rows block={block} />;
    case "data_table":
      return <DataTable block={block} />;
    case "data_visualization":
      return <Chart block={block} />;
    case "rich_text":
      return <div class="mrkdwn"><RichText block={block} /></div>;
    case "image":
      return <figure>{block.title && <figcaption><Text of={block.title} /></figcaption>}<Picture element={block} /></figure>;
    case "input":
      return <Input block={block} hands={hands} error={error} />;
    default:
      return <p class="unknown">This page does not draw “{block.type}” blocks.</p>;
  }
}

export function Blocks({ blocks, hands, errors = {} }: { blocks: Json[]; hands: Hands; errors?: Record<string, string> }) {
  // Not by `block_id`: an edit may give new ones, and a pressed button would lose its focus.
  // What is typed belongs to one, and its field stays when something is said above it.
  const key = (block: Json, at: number) => (block.type === "input" ? `input ${block.block_id}` : `${at} ${block.type}`);
  return <>{blocks.map((block, at) => <Block key={key(block, at)} block={block} hands={hands} error={errors[block.block_id]} />)}</>;
}
