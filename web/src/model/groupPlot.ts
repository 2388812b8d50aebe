/**
 * Setting against value, as plain records: numbers first, drawing second.
 *
 * Takes   the trials of a search and the setting to look at.
 * Gives   dots between 0 and 1 on both axes, ticks with their labels, and which dot is best.
 */
import type { Schemas } from "@/api/client";

export type Trial = Schemas["Trial"];
export type Dot = { trial: Trial; x: number; y: number; best: boolean };
export type Tick = { at: number; value: number | string };
/** `yDecimals`: digits after the point that tell neighbouring ticks apart, at least 2. */
export type GroupPlot = { dots: Dot[]; xTicks: Tick[]; yTicks: Tick[]; yDecimals: number; log: boolean };

/** From this factor between smallest and largest on, a number is drawn by factors. */
const LOG_FROM = 10;

/** `byFactors`: the setting was searched so, however near its values are yet. */
export function groupPlot(trials: readonly Trial[], name: string, bestId: string | null, byFactors = false): GroupPlot {
  const judged = trials.filter((trial) => typeof trial.value === "number" && trial.values[name] !== undefined);
  const x = axisOf(judged.map((trial) => trial.values[name] as number | string | boolean), byFactors);
  const y = numberAxis(judged.map((trial) => trial.value as number), false);
  const dots = judged.map((trial) => ({ trial, x: x.place(trial.values[name] as number | string), y: y.place(trial.value as number), best: trial.run_id === bestId }));
  return { dots, xTicks: x.ticks, yTicks: y.ticks, yDecimals: Math.max(2, ...y.ticks.map(({ value }) => decimalsOf(value as number))), log: x.log };
}

const decimalsOf = (value: number): number => (value.toFixed(8).split(".")[1] ?? "").replace(/0+$/, "").length;

type Axis = { place: (value: number | string | boolean) => number; ticks: Tick[]; log: boolean };

function axisOf(values: readonly (number | string | boolean)[], byFactors: boolean): Axis {
  if (values.length && values.every((value) => typeof value === "number")) {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return numberAxis(values, low > 0 && (byFactors || high / low >= LOG_FROM));
  }
  const words = [...new Set(values.map(String))].sort();
  const at = (word: string) => (words.indexOf(word) + 0.5) / Math.max(1, words.length);
  return { place: (value) => at(String(value)), ticks: words.map((word) => ({ at: at(word), value: word })), log: false };
}

function numberAxis(values: readonly number[], log: boolean): Axis {
  const scale = (value: number) => (log ? Math.log10(value) : value);
  const scaled = values.map(scale);
  const [least, most] = values.length ? [Math.min(...scaled), Math.max(...scaled)] : [0, 1];
  const room = (most - least || Math.abs(most) * 0.1 || 1) * 0.08;
  const [low, high] = [least - room, most + room];
  const place = (value: number | string | boolean) => (scale(Number(value)) - low) / (high - low);
  const ticks = (log ? powers(low, high) : steps(low, high)).map((value) => ({ at: place(value), value }));
  return { place, ticks, log };
}

/** Powers of ten between two exponents; 1, 3 and 10 where there would be fewer than three; equal steps within less than that. */
function powers(low: number, high: number): number[] {
  const found: number[] = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power += 1) found.push(10 ** power);
  const inside = (value: number) => Math.log10(value) >= low && Math.log10(value) <= high;
  const whole = found.filter(inside);
  if (whole.length >= 3) return whole;
  const more = found.flatMap((value) => [value, Number((3 * value).toPrecision(12))]).filter(inside);
  return more.length >= 2 ? more : steps(10 ** low, 10 ** high);
}

function steps(low: number, high: number): number[] {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10);
  const found: number[] = [];
  for (let count = Math.ceil(low / step); count * step <= high; count += 1) found.push(Number((count * step).toPrecision(12)));
  return found;
}

export type SortKey = { by: "number" | "value" | "seconds" | "epochs" | string; descending: boolean };

/** Trials in the order of a column; those without a value come last either way. */
export function sortedTrials(trials: readonly Trial[], { by, descending }: SortKey): Trial[] {
  const of = (trial: Trial): unknown => (by === "number" || by === "value" || by === "seconds" || by === "epochs" ? trial[by] : trial.values[by]);
  return [...trials].sort((one, two) => {
    const [a, b] = [of(one), of(two)];
    if (a == null || b == null) return a == null && b == null ? one.number - two.number : a == null ? 1 : -1;
    const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
    return (descending ? -order : order) || one.number - two.number;
  });
}
