/**
 * Curves as plain records: numbers first, drawing second.
 *
 * Takes   runs as the API tells them.
 * Gives   scales, ticks, series, end labels and read-outs that a chart only has to draw.
 * Never   touches React, the page or a colour value; colours are the names of series tokens.
 */
import type { Schemas } from "@/api/client";
import { ownEpochs, runShare } from "@/model/runShare";

import { type Beyond, type ReachLine, reachOf } from "./reach";

export type Run = Schemas["Run"];

export const MARKER_SHAPES = ["circle", "square", "triangle", "diamond", "plus", "cross"] as const;
export type MarkerShape = (typeof MARKER_SHAPES)[number];

/** How one run is told apart: a series colour and a marker; every pair is used once before any comes again. */
export type RunStyle = { color: string; marker: MarkerShape };

export type Point = { epoch: number; value: number };

export type ChartSeries = {
  runId: string;
  name: string;
  style: RunStyle;
  subset: "training" | "validation";
  /** Stretches of epochs without a gap; a value that is not a number ends a stretch. */
  stretches: Point[][];
  last: Point | null;
};

export type ChartRecord = {
  metric: string;
  firstEpoch: number;
  lastEpoch: number;
  minimum: number;
  maximum: number;
  valueTicks: number[];
  /** What the axis does not reach; null when it reaches everything. */
  beyond: Beyond | null;
  epochTicks: number[];
  tickDecimals: number;
  valueDecimals: number;
  markerEvery: number;
  series: ChartSeries[];
  best: { runId: string; point: Point; style: RunStyle }[];
};

export type Named = { run: Run; name: string; style: RunStyle };

/** Style of the run at `place` in the order in which the runs of a project were made. */
export function runStyle(place: number): RunStyle {
  const count = MARKER_SHAPES.length;
  const round = Math.floor(place / count);
  return {
    color: `--s${(place % count) + 1}`,
    marker: MARKER_SHAPES[(place + round) % count] as MarkerShape,
  };
}

/** Give every run its style; the oldest gets the first. */
export function stylesByRun(runs: readonly Run[]): Map<string, RunStyle> {
  const oldestFirst = [...runs].sort((a, b) => a.created_at.localeCompare(b.created_at) || a.number - b.number);
  return new Map(oldestFirst.map((run, place) => [run.id, runStyle(place)]));
}

/** Metrics of several runs in one list: the loss, what picks the best checkpoint, the rest in the order of the runs. */
export function metricsOf(runs: readonly Run[]): string[] {
  const first = runs.flatMap((run) => [...run.metric_names.slice(0, 1), run.best_by]);
  return [...new Set([...first, ...runs.flatMap((run) => run.metric_names)])];
}

/** How many metrics are drawn and listed until a person chooses others. */
const METRICS_AT_FIRST = 4;

/** The metrics that are drawn: those chosen, else the first few, in the order of `metrics`. */
export function metricsShown(metrics: readonly string[], chosen: ReadonlySet<string> | null): string[] {
  const some = chosen ? metrics.filter((metric) => chosen.has(metric)) : [];
  return some.length > 0 ? some : metrics.slice(0, METRICS_AT_FIRST);
}

/** The value of a metric at the epoch that gave the best checkpoint, or at the newest one. */
export function valueAtBest(run: Run, metric: string): number | null {
  const epoch = run.epochs.find((each) => each.epoch === run.best_epoch) ?? run.epochs.at(-1);
  return finite(epoch?.validation[metric]);
}

/** Steps of 1, 2, 2.5 or 5 times a power of ten that cover `minimum` to `maximum`. */
export function niceTicks(minimum: number, maximum: number, wanted = 6): number[] {
  const span = maximum - minimum;
  if (!(span > 0) || !Number.isFinite(span)) return [minimum];
  const rough = span / Math.max(1, wanted - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((each) => each * power >= rough * (1 - 1e-9)) ?? 10;
  const step = factor * power;
  const first = Math.floor(minimum / step + 1e-9);
  const last = Math.ceil(maximum / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, place) => round((first + place) * step));
}

/** Digits after the point that tell neighbouring ticks apart. */
export function decimalsFor(ticks: readonly number[]): number {
  const step = ticks.length > 1 ? Math.abs((ticks[1] as number) - (ticks[0] as number)) : 1;
  for (let decimals = 0; decimals < 6; decimals += 1) {
    if (Math.abs(round(step * 10 ** decimals) - Math.round(step * 10 ** decimals)) < 1e-6) return decimals;
  }
  return 6;
}

/** First and last epoch and round numbers between, at most `wanted` of them. */
export function epochTicks(last: number, wanted = 5): number[] {
  if (last <= 1) return [1];
  if (last <= wanted) return Array.from({ length: last }, (_, place) => place + 1);
  const steps = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500];
  const step = steps.find((each) => last / each <= wanted) ?? 10 ** Math.ceil(Math.log10(last / wanted));
  const between = Array.from({ length: Math.floor(last / step) }, (_, place) => (place + 1) * step).filter((epoch) => epoch > 1 && last - epoch >= step / 2);
  return [1, ...between, last];
}

/** Everything that the chart of one metric draws; `whole` has it reach as far as any value, however far. */
export function prepareChart(shown: readonly Named[], metric: string, whole = false): ChartRecord {
  const series = shown.flatMap((each) => [seriesOf(each, metric, "training"), seriesOf(each, metric, "validation")]).filter((each) => each.last !== null);
  const lastEpoch = lastEpochShown(shown.map(({ run }) => run));
  const lines = series.map(valuesOf);
  const ticksOf = (values: readonly number[]) => ticksFor(metric, values);
  const { valueTicks, beyond } = isShare(metric) ? { valueTicks: ticksOf(lines.flatMap(({ values }) => values)), beyond: null } : reachOf(lines, { ticksOf, whole, below: metric === "r2" });
  const tickDecimals = decimalsFor(valueTicks);
  return {
    metric,
    firstEpoch: 1,
    lastEpoch,
    minimum: valueTicks[0] ?? 0,
    maximum: valueTicks.at(-1) ?? 1,
    valueTicks,
    beyond,
    epochTicks: epochTicks(lastEpoch),
    tickDecimals,
    valueDecimals: Math.max(tickDecimals, isShare(metric) ? 2 : Math.min(3, tickDecimals + 1)),
    markerEvery: Math.max(1, Math.ceil(lastEpoch / 5)),
    series,
    best: shown.flatMap(({ run, style }) => {
      const value = metric === run.best_by ? valueAtBest(run, metric) : null;
      return value === null || run.best_epoch == null ? [] : [{ runId: run.id, point: { epoch: run.best_epoch, value }, style }];
    }),
  };
}

export const valuesOf = ({ runId, name, stretches }: ChartSeries): ReachLine => ({ runId, name, values: stretches.flat().map(({ value }) => value) });

const AT_WORK: readonly Run["state"][] = ["queued", "starting", "running", "recovering", "pausing", "paused", "stopping"];

/**
 * The right end of the epoch axis. It grows with the runs: the next round number above what was
 * reached, at most what is planned, so that the curves use the width.
 */
export function lastEpochShown(runs: readonly Run[]): number {
  const reached = Math.max(1, ...runs.map((run) => run.epochs.at(-1)?.epoch ?? 0));
  const planned = Math.max(reached, ...runs.filter((run) => AT_WORK.includes(run.state)).map((run) => run.settings.epochs));
  if (planned === reached) return planned;
  return Math.min(planned, ROUND_EPOCHS.find((epoch) => epoch > reached) ?? planned);
}

/** Round numbers of epochs, each at most twice the one before: 5, 10, 15, 20, 30, 40, 50, 75, 100, 150 and so on. */
const ROUND_EPOCHS = [5, ...[10, 100, 1_000, 10_000, 100_000].flatMap((power) => [1, 1.5, 2, 3, 4, 5, 7.5].map((factor) => factor * power))];

export type Readout = { runId: string; name: string; style: RunStyle; training: number | null; validation: number | null };

/** What every run of a chart had at one epoch; runs without that epoch are left out. */
export function readoutAt(chart: ChartRecord, epoch: number): Readout[] {
  const rows = new Map<string, Readout>();
  for (const line of chart.series) {
    const point = line.stretches.flat().find((each) => each.epoch === epoch);
    if (!point) continue;
    const row = rows.get(line.runId) ?? { runId: line.runId, name: line.name, style: line.style, training: null, validation: null };
    row[line.subset] = point.value;
    rows.set(line.runId, row);
  }
  return [...rows.values()];
}

/** All epochs for which a chart has any value, in order. */
export function epochsOf(chart: ChartRecord): number[] {
  return [...new Set(chart.series.flatMap((line) => line.stretches.flat().map((point) => point.epoch)))].sort((a, b) => a - b);
}

/** Which points of a line get a marker: every few epochs, and the last. */
export function markedPoints(line: ChartSeries, every: number): Point[] {
  const points = line.stretches.flat();
  const last = points.at(-1);
  return points.filter((point) => point === last || (point.epoch % every === 0 && (last as Point).epoch - point.epoch > every / 2));
}

/** Fill of each epoch's cell, from 0 to 1; many epochs share cells so that at most `limit` are drawn. */
export function epochCells(run: Run, limit = 60): number[] {
  const count = Math.min(ownEpochs(run), limit);
  const done = runShare(run) * count;
  return Array.from({ length: count }, (_, place) => Math.min(1, Math.max(0, done - place)));
}

function seriesOf(each: Named, metric: string, subset: ChartSeries["subset"]): ChartSeries {
  // An epoch that was not validated is no gap: the line passes over it.
  const epochs = each.run.epochs.filter((epoch) => Object.keys(epoch[subset]).length > 0);
  return lineOf({ ...each, run: { ...each.run, epochs } }, subset, (epoch) => finite(epoch[subset][metric]));
}

/** The line of one run; an epoch of which nothing can be read ends a stretch. */
export function lineOf({ run, name, style }: Named, subset: ChartSeries["subset"], read: (epoch: Run["epochs"][number]) => number | null): ChartSeries {
  const stretches: Point[][] = [];
  let open: Point[] = [];
  for (const each of run.epochs) {
    const value = read(each);
    if (value === null) {
      if (open.length) stretches.push(open);
      open = [];
    } else open.push({ epoch: each.epoch, value });
  }
  if (open.length) stretches.push(open);
  return { runId: run.id, name, style, subset, stretches, last: stretches.at(-1)?.at(-1) ?? null };
}

function ticksFor(metric: string, values: readonly number[]): number[] {
  if (!values.length) return [0, 0.5, 1];
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (isShare(metric)) return high > 0.5 ? [0, 0.25, 0.5, 0.75, 1] : niceTicks(0, Math.max(high, 0.01));
  if (low === high) return niceTicks(Math.min(0, low), high || 1);
  return niceTicks(low > 0 && low < (high - low) / 2 ? 0 : low, high);
}

/** Metrics that lie between 0 and 1 and are read from 0. */
function isShare(metric: string): boolean {
  return metric !== "loss" && metric !== "r2" && !metric.endsWith("_error");
}

function finite(value: number | null | undefined): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Take the dust of binary fractions off a tick. */
function round(value: number): number {
  return Number(value.toPrecision(12));
}
