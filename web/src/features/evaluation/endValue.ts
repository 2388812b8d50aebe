/** The words of the values beside a plot, in the room that there is. */
import { axisNumber, compact, metricValue } from "@/ui/measures";

/** What tells a value and the range that is drawn. */
type Within = { minimum: number; maximum: number; valueDecimals: number };

/** A value where there is room for six signs; an arrow, and fewer digits, for one that is off the chart. */
export function endValue(value: number, { minimum, maximum, valueDecimals }: Within): string {
  const size = Math.abs(value);
  const arrow = value > maximum ? "↑" : value < minimum ? "↓" : "";
  if (size > 0 && size < 0.001) return arrow + value.toExponential(arrow ? 0 : 1).replaceAll("-", "−");
  if (size >= (arrow ? 1_000 : 100_000)) return arrow + compact(value);
  return arrow + (size >= 10_000 ? axisNumber(value, 0) : metricValue(value, size >= 100 ? 0 : arrow ? 1 : valueDecimals));
}
