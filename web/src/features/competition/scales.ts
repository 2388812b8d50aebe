/** Numbers behind the two drawings of a dry run, without a page: time against its limit, score against chance. */

import type { Schemas } from "@/api/client";

/** Where a dry run did not say what the competition allows: the rule of the strictest one known. */
const STRICTEST_LIMIT_SECONDS = 4 * 3_600;

/** How much slower than here Kaggle's machine may be before the projection no longer holds. */
export const SLOWER_FACTOR = 1.25;

export type TimeScale = { limit: number; end: number; projected: number; worst: number; hours: number[]; fits: boolean };

/** The axis reaches a little beyond whatever is longer, the limit or the worst case. */
export function timeScale(projectedSeconds: number, limit: number): TimeScale {
  const worst = projectedSeconds * SLOWER_FACTOR;
  const end = Math.max(limit, worst) * 1.08;
  const step = end > 12 * 3_600 ? 4 : end > 6 * 3_600 ? 2 : 1;
  const hours = Array.from({ length: Math.floor(end / 3_600 / step) + 1 }, (_, place) => place * step);
  return { limit, end, projected: projectedSeconds, worst, hours: hours.filter((hour) => Math.abs(hour * 3_600 - limit) > 1_800 && hour * 3_600 < end * 0.96), fits: worst <= limit };
}

/** What the competition allows on CPU, as the dry run's check of the time tells it. */
export function limitSeconds(checks: readonly Schemas["Check"][]): number {
  const hours = checks.map((check) => check.params?.["limit_hours"]).find((value) => typeof value === "number");
  return typeof hours === "number" ? hours * 3_600 : STRICTEST_LIMIT_SECONDS;
}

/**
 * lwlrap of a random ranking of clips with one label each: the mean of 1/rank over all places,
 * that is the harmonic number of the class count over the class count.
 */
export function chanceLwlrap(classes: number): number {
  if (classes < 1) return 0;
  let sum = 0;
  for (let rank = 1; rank <= classes; rank += 1) sum += 1 / rank;
  return sum / classes;
}
