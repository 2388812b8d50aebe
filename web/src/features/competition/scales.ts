/** Numbers behind the two drawings of a dry run, without a page: time against its limit, score against chance. */

/** The competition's own rule for notebooks on CPU: four hours. */
export const CPU_LIMIT_SECONDS = 4 * 3_600;

/** How much slower than here Kaggle's machine may be before the projection no longer holds. */
export const SLOWER_FACTOR = 1.25;

export type TimeScale = { limit: number; end: number; projected: number; worst: number; hours: number[]; fits: boolean };

/** The axis reaches a little beyond whatever is longer, the limit or the worst case. */
export function timeScale(projectedSeconds: number, limitSeconds: number = CPU_LIMIT_SECONDS): TimeScale {
  const worst = projectedSeconds * SLOWER_FACTOR;
  const end = Math.max(limitSeconds, worst) * 1.08;
  const step = end > 12 * 3_600 ? 4 : end > 6 * 3_600 ? 2 : 1;
  const hours = Array.from({ length: Math.floor(end / 3_600 / step) + 1 }, (_, place) => place * step);
  return { limit: limitSeconds, end, projected: projectedSeconds, worst, hours: hours.filter((hour) => Math.abs(hour * 3_600 - limitSeconds) > 1_800 && hour * 3_600 < end * 0.96), fits: worst <= limitSeconds };
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
