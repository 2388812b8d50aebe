/**
 * Which runs can be compared: only values of the same thing are drawn in one chart, or have a best.
 *
 * Takes   the runs that are to be drawn, and the metric.
 * Gives   those that one chart can draw, and why it draws none of the others.
 */
import type { Named, Run } from "./series";

/** Metrics that count in the units of the target. */
export const COUNTED_IN_UNITS: readonly string[] = ["mean_absolute_error", "root_mean_squared_error"];

/** What tells two runs apart so that their values of a metric cannot stand in one chart. */
export type Difference = "target" | "loss" | "units";

export type Comparable = { drawn: Named[]; left: { why: Difference; names: string[] }[] };

/** How the values of a metric of two runs differ in kind; null where they can be compared. */
export function differenceOf(metric: string, one: Run, other: Run): Difference | null {
  if (one.target !== other.target) return "target";
  if (metric === "loss" && one.loss !== other.loss) return "loss";
  const unitsOf = ({ error_units: units }: Run) => (metric === "loss" ? units?.loss : metric.endsWith("_error") ? units?.errors : null);
  return unitsOf(one) === unitsOf(other) ? null : "units";
}

/** Runs that measure a metric as the chosen run does, else as the first that has it. */
export function comparableBy(metric: string, shown: readonly Named[], selectedId: string): Comparable {
  const having = shown.filter(({ run }) => run.metric_names.includes(metric));
  const first = having.find(({ run }) => run.id === selectedId) ?? having[0];
  if (!first) return { drawn: [], left: [] };
  const apart = having.map((each) => ({ each, why: differenceOf(metric, first.run, each.run) }));
  const left = (["target", "loss", "units"] as const).map((why) => ({ why, names: apart.filter((one) => one.why === why).map(({ each }) => each.name) }));
  return { drawn: apart.filter(({ why }) => why === null).map(({ each }) => each), left: left.filter(({ names }) => names.length) };
}

/** What a best run is the best of, where there are several: its target, or of one target its measure. */
export function bestOf(run: Run, best: readonly Run[]): "all" | "target" | "measure" {
  const others = best.filter(({ id }) => id !== run.id);
  if (!others.length) return "all";
  return others.some(({ target }) => target === run.target) ? "measure" : "target";
}
