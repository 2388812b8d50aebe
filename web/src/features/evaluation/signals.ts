/**
 * The signals of each epoch as chart records.
 *
 * Takes   runs as the API tells them.
 * Gives   one record per signal, in the unit that suits its values.
 */
import { reachOf } from "./reach";
import { type ChartRecord, decimalsFor, epochTicks, lastEpochShown, lineOf, type Named, niceTicks, valuesOf } from "./series";

export const SIGNALS = ["learning_rate", "gradient_norm", "examples_per_second", "memory_bytes", "data_wait"] as const;
export type SignalName = (typeof SIGNALS)[number];
type Signals = NonNullable<Named["run"]["epochs"][number]["signals"]>;

/** What one run can have thousands of times as large as the others. */
const RUN_AWAY: readonly SignalName[] = ["learning_rate", "gradient_norm"];
/** Ticks of a small chart. */
const WANTED_TICKS = 4;

/** Everything that the chart of one signal draws; the largest gradient of an epoch is the dashed line. */
export function prepareSignal(shown: readonly Named[], signal: SignalName, whole = false): { chart: ChartRecord; unit: string } {
  const { unit, factor } = unitOf(signal, shown);
  const read = (name: keyof Signals) => (epoch: Named["run"]["epochs"][number]) => {
    const value = epoch.signals?.[name];
    return value == null ? null : value * factor;
  };
  const series = shown.flatMap((named) => [
    ...(signal === "gradient_norm" ? [lineOf(named, "training", read("gradient_norm_max"))] : []),
    lineOf(named, "validation", read(signal)),
  ]).filter((line) => line.last !== null);
  const ticksOf = (values: readonly number[]) => (values.length ? niceTicks(0, Math.max(...values) || 1, WANTED_TICKS) : [0, 1]);
  const { valueTicks, beyond } = RUN_AWAY.includes(signal) ? reachOf(series.map(valuesOf), { ticksOf, whole }) : { valueTicks: ticksOf(series.flatMap((line) => valuesOf(line).values)), beyond: null };
  const lastEpoch = lastEpochShown(shown.map(({ run }) => run));
  const tickDecimals = decimalsFor(valueTicks);
  return {
    unit,
    chart: {
      metric: signal, firstEpoch: 1, lastEpoch, minimum: 0, maximum: valueTicks.at(-1) ?? 1, valueTicks, beyond, epochTicks: epochTicks(lastEpoch, 3), tickDecimals,
      valueDecimals: tickDecimals + 1, markerEvery: lastEpoch, series, best: [],
    },
  };
}

/** Whether any of the runs has signals; those of an older studio have none. */
export function haveSignals(shown: readonly Named[]): boolean {
  return shown.some(({ run }) => run.epochs.some((epoch) => epoch.signals));
}

function unitOf(signal: SignalName, shown: readonly Named[]): { unit: string; factor: number } {
  if (signal === "data_wait") return { unit: "%", factor: 100 };
  if (signal !== "memory_bytes") return { unit: "", factor: 1 };
  const most = Math.max(0, ...shown.flatMap(({ run }) => run.epochs.map((epoch) => epoch.signals?.memory_bytes ?? 0)));
  return most < 1e9 ? { unit: "MB", factor: 1e-6 } : { unit: "GB", factor: 1e-9 };
}
