import { LineChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TitleComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { errorsHeading, latencyHeading, silenceWords } from "../domain/figure-words.ts";
import type { ErrorsFigure, LatencyFigure, WatchFigure } from "../domain/watch-figure.ts";

use([LineChart, GridComponent, MarkLineComponent, TitleComponent, SVGRenderer]);

/** Twice what a phone shows, so that it is sharp there: 28 of these pixels are 14 on a screen 390 wide. */
export const WIDTH = 780;
const LETTER = 28;
const HEAD = 64;
const CHART = 330;
/** Of each chart: its heading, then the marks' labels, then the curve, then the labels below it. */
const ABOVE = 112;
const BELOW = 52;
const ROW = 40;
const SIDE = { left: 136, right: 28 };
/** The colours of the cards, on light ground whatever the reader's theme: the picture has its own. */
const INK = { text: "#16201b", soft: "#4c5952", line: "#d3dcd6", before: "#7c8a82", after: "#ae1f1a", time: "#14569c" };
const MINUTE = 60_000;

export type Zone = string;

/** The picture as SVG; its letters are drawn by whoever turns it into pixels. */
export function chartOf(figure: WatchFigure, timezone: Zone): { readonly svg: string; readonly height: number } {
  const { errors, latency } = figure;
  const parts = [errors === null ? null : errorsPart(errors, figure), latency === null ? null : latencyPart(latency)].filter(
    (part) => part !== null,
  );
  const tops = topsOf(parts, figure.backAt !== null);
  const height = tops.at(-1) ?? HEAD;
  const chart = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  try {
    chart.setOption(optionOf(figure, parts, { timezone, tops }));
    return { svg: chart.renderToSVGString(), height };
  } finally {
    // Without it a timer of the library keeps the thread alive for ever.
    chart.dispose();
  }
}

type Point = [at: number, value: number | null];
type Part = {
  readonly heading: string;
  /** Below the heading, for what no curve can show. */
  readonly note: string | null;
  readonly top: number;
  readonly from: number;
  readonly to: number;
  readonly lines: readonly { readonly colour: string; readonly points: Point[]; readonly stepped: boolean; readonly dashed: boolean }[];
  readonly valueWords: (value: number) => string;
};

function errorsPart(errors: ErrorsFigure, { liveAt }: WatchFigure): Part {
  const live = liveAt.getTime();
  const points = (some: ErrorsFigure["stretches"]): Point[] => {
    const last = some.at(-1);
    return [
      ...some.map(({ from, perMinute }): Point => [from.getTime(), perMinute]),
      ...(last === undefined ? [] : [[last.to.getTime(), last.perMinute] satisfies Point]),
    ];
  };
  const earlier = errors.stretches.filter(({ from }) => from.getTime() < live);
  const later = errors.stretches.filter(({ from }) => from.getTime() >= live);
  const [from, to] = [errors.stretches[0]?.from.getTime() ?? live, later.at(-1)?.to.getTime() ?? live];
  const usual: Point[] =
    errors.before === null
      ? []
      : [
          [live, errors.before],
          [to, errors.before],
        ];
  return {
    heading: errorsHeading(errors),
    note: null,
    top: niceTop(Math.max(...errors.stretches.map(({ perMinute }) => perMinute ?? 0), errors.before ?? 0, 1)),
    from,
    to,
    lines: [
      { colour: INK.before, points: points(earlier), stepped: true, dashed: false },
      { colour: INK.after, points: points(later), stepped: true, dashed: false },
      { colour: INK.before, points: usual, stepped: false, dashed: true },
    ],
    valueWords: (value) => value.toLocaleString("en-GB"),
  };
}

function latencyPart(latency: LatencyFigure): Part {
  const points = latency.points.map(({ at, ms }): Point => [at.getTime(), ms]);
  const [first, last] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0];
  const usual: Point[] =
    latency.before === null
      ? []
      : [
          [first, latency.before],
          [last, latency.before],
        ];
  return {
    heading: latencyHeading(latency),
    note: silenceWords(latency),
    top: niceTop(Math.max(...points.map(([, ms]) => ms ?? 0), latency.before ?? 0, 100)),
    from: first,
    to: last,
    lines: [
      { colour: INK.time, points, stepped: false, dashed: false },
      { colour: INK.before, points: usual, stepped: false, dashed: true },
    ],
    valueWords: (value) => (value >= 1000 ? `${value / 1000} s` : `${value} ms`),
  };
}

/** Where each part begins, and where the last one ends. The first part has the marks' labels too, a row for each. */
function topsOf(parts: readonly Part[], isBack: boolean): readonly number[] {
  const tops = [HEAD];
  for (const [index, part] of parts.entries()) {
    const rows = index === 0 ? (part.note === null ? 0 : 1) + (isBack ? 1 : 0) : 0;
    tops.push((tops.at(-1) ?? HEAD) + CHART + rows * ROW);
  }
  return tops;
}

/** A round figure: a label that is read at a glance. */
function niceTop(value: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(value));
  return ([1, 1.5, 2, 3, 4, 5, 8].find((step) => step * magnitude >= value) ?? 10) * magnitude;
}

function optionOf(figure: WatchFigure, parts: readonly Part[], place: { readonly timezone: Zone; readonly tops: readonly number[] }) {
  const { timezone, tops } = place;
  const from = Math.min(...parts.map((part) => part.from));
  const to = Math.max(...parts.map((part) => part.to), from + 1);
  const topOf = (index: number): number => tops[index] ?? HEAD;
  return {
    animation: false,
    backgroundColor: "#ffffff",
    textStyle: { fontFamily: "DejaVu Sans", fontSize: LETTER, color: INK.text },
    title: [
      { text: `${figure.app} in ${figure.environment}, #${figure.number}`, left: 20, top: 18, textStyle: letters(LETTER, INK.soft) },
      ...parts.map((part, index) => headingAt(part.heading, topOf(index) + 14, { color: INK.text, fontWeight: "bold" })),
      ...parts.map((part, index) => headingAt(part.note ?? "", topOf(index) + 14 + ROW, { color: INK.after, fontWeight: "normal" })),
    ],
    grid: parts.map((_, index) => ({ ...SIDE, top: topOf(index + 1) - (CHART - ABOVE), height: CHART - ABOVE - BELOW })),
    xAxis: parts.map((_, index) => timeAxis(index, { from, to, live: figure.liveAt.getTime() })),
    yAxis: parts.map((part, index) => ({
      type: "value" as const,
      gridIndex: index,
      min: 0,
      max: part.top,
      interval: part.top,
      axisLabel: { ...letters(LETTER, INK.soft), formatter: part.valueWords },
      splitLine: { lineStyle: { color: INK.line } },
    })),
    series: parts.flatMap((part, index) =>
      part.lines.map((line, order) => ({
        type: "line" as const,
        xAxisIndex: index,
        yAxisIndex: index,
        data: line.points,
        ...(line.stepped ? { step: "end" as const } : {}),
        showSymbol: !line.stepped && !line.dashed,
        symbol: "circle",
        symbolSize: 10,
        itemStyle: { color: line.colour },
        lineStyle: { color: line.colour, width: line.dashed ? 3 : 5, type: line.dashed ? ("dashed" as const) : ("solid" as const) },
        ...(line.stepped ? { areaStyle: { color: line.colour, opacity: 0.18 } } : {}),
        ...(order === 0 ? { markLine: marks(figure, { from, to }, index === 0 ? timezone : null) } : {}),
      })),
    ),
  };
}

function headingAt(text: string, top: number, how: { readonly color: string; readonly fontWeight: "bold" | "normal" }) {
  return { text, left: 20, top, textStyle: { ...letters(LETTER, how.color), ...how, width: WIDTH - 40, overflow: "truncate" as const } };
}

function letters(fontSize: number, color: string) {
  return { fontFamily: "DejaVu Sans", fontSize, color, fontWeight: "normal" as const };
}

/** Few labels: the ends, in time from the deployment. */
function timeAxis(index: number, { from, to, live }: { readonly from: number; readonly to: number; readonly live: number }) {
  const ends = [from, to].filter((end) => Math.abs(end - live) > (to - from) / 8);
  return {
    type: "value" as const,
    gridIndex: index,
    min: from,
    max: to,
    splitLine: { show: false },
    axisTick: { show: false },
    axisLine: { lineStyle: { color: INK.before, width: 2 } },
    axisLabel: {
      ...letters(LETTER, INK.soft),
      customValues: ends,
      alignMinLabel: "left" as const,
      alignMaxLabel: "right" as const,
      formatter: (at: number) => sinceWords(at - live),
    },
  };
}

function sinceWords(ms: number): string {
  const size = Math.abs(ms);
  const words =
    size < 2 * MINUTE
      ? `${Math.round(size / 1000)} s`
      : size < 120 * MINUTE
        ? `${Math.round(size / MINUTE)} min`
        : `${Math.round(size / (60 * MINUTE))} h`;
  return `${words} ${ms < 0 ? "before" : "after"}`;
}

/** What happened when; said above the first chart, and drawn through all. */
function marks(figure: WatchFigure, { from, to }: { readonly from: number; readonly to: number }, timezone: Zone | null) {
  const { liveAt, backAt } = figure;
  const label = (words: string, at: Date, row: number) => {
    const share = (at.getTime() - from) / (to - from);
    return {
      xAxis: at.getTime(),
      label: {
        show: timezone !== null,
        formatter: timezone === null ? "" : `${words} ${clock(at, timezone)}`,
        ...letters(LETTER, INK.text),
        // Never beyond the picture's own edge.
        align: share < 0.25 ? ("left" as const) : share > 0.75 ? ("right" as const) : ("center" as const),
        position: "end" as const,
        distance: 5 + row * ROW,
      },
    };
  };
  const isBack = backAt !== null && backAt.getTime() <= to;
  return {
    silent: true,
    symbol: "none",
    lineStyle: { color: INK.text, width: 3, type: "solid" as const },
    data: [label("deployed", liveAt, 0), ...(isBack ? [label("rolled back", backAt, 1)] : [])],
  };
}

function clock(at: Date, timezone: Zone): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: timezone }).format(at);
}
