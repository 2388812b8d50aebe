/**
 * The test of learning rates as a plain record for its drawing.
 *
 * Takes   the points of a test.
 * Gives   ticks and scales over the logarithm of the rate; a loss that ran away is cut off.
 */
import type { Schemas } from "@/api/client";

type RateTest = Schemas["RateTest"];

export type RateChart = { lowest: number; highest: number; bottom: number; top: number; rateTicks: number[]; lossTicks: number[] };

/** Above the start a loss has run away; so much of the curve's height is left to show that it did. */
const ROOM_ABOVE = 0.35;

export function prepareRateChart(test: RateTest): RateChart {
  const rates = test.points.map((point) => point.rate);
  const values = test.points.map((point) => point.smoothed);
  const bottom = Math.min(...values);
  const start = values[0] ?? bottom;
  const top = Math.min(Math.max(...values), start + Math.max(start - bottom, 0.1 * Math.abs(start)) * ROOM_ABOVE);
  const lowest = Math.min(...rates);
  const highest = Math.max(...rates);
  const powers = Array.from({ length: 20 }, (_, place) => place - 10).filter((power) => 10 ** power >= lowest * 0.999 && 10 ** power <= highest * 1.001);
  return { lowest, highest, bottom, top: top > bottom ? top : bottom + 1, rateTicks: powers.map((power) => 10 ** power), lossTicks: [bottom, (bottom + top) / 2, top] };
}

/** Place of a rate from 0 to 1, by its logarithm. */
export const placeOfRate = (chart: RateChart, rate: number): number => Math.log(rate / chart.lowest) / Math.log(chart.highest / chart.lowest || Math.E);

/** A rate as it is typed: 0.0003, or 1e-6 where the zeros would be counted. */
export const rateWords = (rate: number): string => (rate >= 1e-4 ? String(Number(rate.toPrecision(2))) : rate.toExponential(0));
