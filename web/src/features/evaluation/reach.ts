/**
 * How far an axis reaches: as far as most runs need, so that one that ran away does not flatten the others.
 *
 * Takes   the values of each run, line by line, counted from where the axis begins.
 * Gives   the largest value that has to be on the chart, and what is told of those beyond.
 */

/** Values that an axis leaves out: on which side of which limit, the furthest of them, and whose they are. */
export type Beyond = { below: boolean; limit: number; furthest: number; names: string[] };

export type Reach = { valueTicks: number[]; beyond: Beyond | null };

export type ReachLine = { runId: string; name: string; values: readonly number[] };

type ReachOf = {
  /** Ticks that cover some values. */
  ticksOf: (values: readonly number[]) => number[];
  /** Draw all values, also those that would be left out. */
  whole: boolean;
  /** The values are 1 at best and run away downwards, as R² does. */
  below?: boolean;
};

/** Ticks for what most runs need, and what lies beyond them; with `whole` the ticks cover that too. */
export function reachOf(lines: readonly ReachLine[], { ticksOf, whole, below = false }: ReachOf): Reach {
  const away = (value: number) => (below ? 1 - value : value);
  const all = lines.flatMap(({ values }) => values);
  const runIds = [...new Set(lines.map(({ runId }) => runId))];
  const most = mostNeeded(runIds.map((id) => lines.filter(({ runId }) => runId === id).map(({ values }) => values.map(away))));
  const valueTicks = ticksOf(all.filter((value) => away(value) <= most));
  const limit = (below ? valueTicks[0] : valueTicks.at(-1)) ?? 0;
  const isFar = (value: number) => away(value) > away(limit);
  const far = all.filter(isFar);
  if (!far.length) return { valueTicks, beyond: null };
  const names = [...new Set(lines.filter(({ values }) => values.some(isFar)).map(({ name }) => name))];
  return { valueTicks: whole ? ticksOf(all) : valueTicks, beyond: { below, limit, furthest: below ? Math.min(...far) : Math.max(...far), names } };
}

/** What is so many times as large as the rest leaves it less than a twentieth of the height. */
const LEAP = 20;

/**
 * The largest value that most runs need on the chart.
 *
 * Args: for each run its lines, for each line its values, none below 0.
 */
export function mostNeeded(runs: readonly (readonly (readonly number[])[])[]): number {
  const needs = runs.map((lines) => Math.max(0, ...lines.map(withoutLeaps))).filter((need) => need > 0).sort((a, b) => a - b);
  const usual = needs[Math.floor((needs.length - 1) / 2)] ?? 0;
  return Math.max(0, ...needs.filter((need) => need <= LEAP * usual));
}

/** The largest value of a line below the leap that its upper half takes; a line that climbs step by step takes none. */
function withoutLeaps(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const leap = sorted.findIndex((value, place) => place >= sorted.length / 2 && place > 0 && value > LEAP * (sorted[place - 1] as number));
  return (leap < 0 ? sorted.at(-1) : sorted[leap - 1]) ?? 0;
}
