/**
 * The loss batch by batch as a plain record: numbers first, drawing second.
 *
 * Takes   the curves of the runs that are shown.
 * Gives   ticks, scales and the nearest point to a place.
 */
import type { Schemas } from "@/api/client";

import { decimalsFor, epochTicks, lastEpochShown, type Named, niceTicks } from "./series";

export type LossPoint = Schemas["LossPoint"];
export type LossLine = { named: Named; points: readonly LossPoint[] };
export type LossChartRecord = { lines: readonly LossLine[]; lastEpoch: number; valueTicks: number[]; epochTicks: number[]; decimals: number };

/** What the chart draws; places are counted in epochs from 0. */
export function prepareLossChart(lines: readonly LossLine[]): LossChartRecord {
  const drawn = lines.filter((line) => line.points.length);
  const points = drawn.flatMap((line) => line.points);
  const high = Math.max(0, ...points.map((point) => point.high));
  const low = Math.min(high, ...points.map((point) => point.low));
  const valueTicks = points.length ? niceTicks(low > 0 && low < (high - low) / 2 ? 0 : low, high === low ? high + 1 : high) : [0, 0.5, 1];
  const reached = Math.max(1, ...points.map((point) => Math.ceil(point.end)));
  const lastEpoch = Math.max(reached, lastEpochShown(lines.map(({ named }) => named.run)));
  return { lines: drawn, lastEpoch, valueTicks, epochTicks: [0, ...epochTicks(lastEpoch).filter((tick) => tick > 1 || lastEpoch < 8)], decimals: decimalsFor(valueTicks) };
}

/** The point of a line that covers a place, if one does. */
export function pointAt(line: LossLine, place: number): LossPoint | undefined {
  return line.points.find((point) => point.start <= place && place <= point.end);
}

/** Stretches of a curve without a gap. */
export function stretchesOf(points: readonly LossPoint[]): LossPoint[][] {
  const stretches: LossPoint[][] = [];
  for (const point of points) {
    const open = stretches.at(-1);
    if (open && point.start - (open.at(-1) as LossPoint).end < 1e-6) open.push(point);
    else stretches.push([point]);
  }
  return stretches;
}
