/** Numbers of a column with the same digits after the point, so that they can be compared down the column. */
import type { Schemas } from "@/api/client";
import { number } from "@/ui/measures";

/** Digits after the point that the values need, fewer for large ones; null for a column that seems to hold whole numbers only. */
export function decimalsOf(histogram: Pick<Schemas["Histogram"], "minimum" | "median" | "maximum" | "mean">): number | null {
  const known = [histogram.minimum, histogram.median, histogram.maximum].filter((each) => typeof each === "number");
  // The median of whole numbers may lie halfway between two of them.
  const ends = [histogram.minimum, histogram.maximum, 2 * (histogram.median ?? 0)];
  if (!known.length || ends.every(Number.isInteger)) return null;
  const largest = Math.max(...known.map(Math.abs));
  const most = largest >= 100 ? 2 : largest >= 1 ? 3 : 4;
  return Math.max(1, ...known.map((each) => digitsAfterPoint(each, most)));
}

/** How many digits after the point a number needs, `most` at the most. */
function digitsAfterPoint(value: number, most: number): number {
  return Number(value.toFixed(most)).toString().split(".")[1]?.length ?? 0;
}

/** Every digit that a number is kept with, grouped as people read it. */
export function exactNumber(value: number): string {
  const digits = /^-?\d+(?:\.(\d+))?$/.exec(String(value));
  return digits ? number(value, digits[1]?.length ?? 0) : String(value);
}

export function numberInCell(value: number, decimals: number | null): string {
  const size = Math.abs(value);
  if (size >= 1e12 || (size > 0 && size < 1e-4)) return value.toExponential(3).replaceAll("-", "−");
  if (decimals !== null) return number(value, decimals);
  return number(value, Number.isInteger(value) ? 0 : size >= 100 ? 2 : size >= 1 ? 3 : 4);
}
