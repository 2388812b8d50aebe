/**
 * The loss batch by batch as a plain record: numbers first, drawing second.
 *
 * Takes   the curves of the runs that are shown.
 * Gives   ticks, scales and the nearest point to a place.
 */
import type { Schemas } from "@/api/client";

import { type Beyond, reachOf } from "./reach";
import { decimalsFor, epochTicks, lastEpochShown, type Named, niceTicks } from "./series";

export type LossPoint = Schemas["LossPoint"];
export type LossLine = { named: Named; points: readonly LossPoint[] };
export type LossChartRecord = { lines: readonly LossLine[]; lastEpoch: number; valueTicks: number[]; beyond: Beyond | null; epochTicks: number[]; decimals: number };

/** What the chart draws; places are counted in epochs from 0, and `whole` has it reach as far as any value. */
export function prepareLossChart(lines: readonly LossLine[], whole = false): LossChartRecord {
  const drawn = lines.filter((line) => line.points.length);
  const points = drawn.flatMap((line) => line.points);
  const lowest = Math.min(...points.map((point) => point.low));
  const { valueTicks, beyond } = reachOf(drawn.map(({ named, points: own }) => ({ runId: named.run.id, name: named.name, values: own.map(({ high }) => high) })), { ticksOf: (highs) => ticksOf(lowest, highs), whole });
  const reached = Math.max(1, ...points.map((point) => Math.ceil(point.end)));
  const lastEpoch = Math.max(reached, lastEpochShown(lines.map(({ named }) => named.run)));
  return { lines: drawn, lastEpoch, valueTicks, beyond, epochTicks: [0, ...epochTicks(lastEpoch).filter((tick) => tick > 1 || lastEpoch < 8)], decimals: decimalsFor(valueTicks) };
}

function ticksOf(lowest: number, highs: readonly number[]): number[] {
  if (!highs.length) return [0, 0.5, 1];
  const high = Math.max(0, ...highs);
  const low = Math.min(high, lowest);
  return niceTicks(low > 0 && low < (high - low) / 2 ? 0 : low, high === low ? high + 1 : high);
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
