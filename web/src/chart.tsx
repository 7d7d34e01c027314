// A chart with bars, drawn as Slack draws it; its figures stand on the bars, to be read.

import type { Json } from "./types";

interface Series {
  name: string;
  data: { label: string; value: number }[];
}

/** Pixels: the plot's height, what stands above and below it, a line of a label, a digit. */
const PLOT = 110;
const ABOVE = 18;
const BELOW = 36;
const LINE = 15;
const DIGIT = 7;
/** The fewest categories for which there is room, so that a chart of one day is none too small. */
const FEWEST = 4;

/** Widths of a bar, and of the gap between two categories: eight days fit on a telephone. */
interface Widths {
  bar: number;
  gap: number;
}

function widths(count: number, most: number): Widths {
  const figure = String(most).length * DIGIT;
  return count > FEWEST ? { bar: Math.max(14, figure), gap: 8 } : { bar: Math.max(26, figure), gap: 18 };
}

/** All figures in one sentence, for who hears the page. */
function spoken(categories: string[], series: Series[]): string {
  const of = (label: string, at: number) => `${label}: ${series.map((one) => `${one.name} ${one.data[at]?.value ?? 0}`).join(", ")}`;
  return categories.map(of).join("; ");
}

interface BarsProps extends Widths {
  label: string;
  at: number;
  series: Series[];
  most: number;
}

function Bars({ label, at, series, most, bar, gap }: BarsProps) {
  const left = at * (series.length * bar + gap) + gap / 2;
  const middle = left + (series.length * bar) / 2;
  return (
    <g>
      {series.map((one, number) => {
        const value = one.data[at]?.value ?? 0;
        const height = (value / most) * PLOT;
        const x = left + number * bar;
        return (
          <g key={one.name}>
            <rect class={`bar-${number}`} x={x + 1} y={ABOVE + PLOT - height} width={bar - 2} height={height} rx={2} />
            <text class="bar-value" x={x + bar / 2} y={ABOVE + PLOT - height - 5}>{value}</text>
          </g>
        );
      })}
      <text>{label.split(" ").map((word, line) => <tspan key={line} x={middle} y={ABOVE + PLOT + LINE * (line + 1)}>{word} </tspan>)}</text>
    </g>
  );
}

export function Chart({ block }: { block: Json }) {
  const categories: string[] = block.chart.axis_config?.categories ?? [];
  const series: Series[] = block.chart.series;
  const most = Math.max(1, ...series.flatMap((one) => one.data.map((each) => each.value)));
  const { bar, gap } = widths(categories.length, most);
  const width = (series.length * bar + gap) * Math.max(FEWEST, categories.length);
  return (
    <figure class="chart">
      <figcaption>{block.title}</figcaption>
      <div class="plot" role="region" aria-label={block.title} tabIndex={0}>
        <svg role="img" aria-label={spoken(categories, series)} width={width} height={ABOVE + PLOT + BELOW} viewBox={`0 0 ${width} ${ABOVE + PLOT + BELOW}`}>
          <line x1={0} x2={width} y1={ABOVE + PLOT + 0.5} y2={ABOVE + PLOT + 0.5} />
          {categories.map((label, at) => <Bars key={label} label={label} at={at} series={series} most={most} bar={bar} gap={gap} />)}
        </svg>
      </div>
      <ul class="legend">{series.map((one, number) => <li key={one.name}><i class={`bar-${number}`} aria-hidden="true" />{one.name}</li>)}</ul>
    </figure>
  );
}
