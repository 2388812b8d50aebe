/** How a run computes, in words: backend and precision with why, threads, steps per call, compilation. */
import type { TFunction } from "i18next";
import type { Schemas } from "@/api/client";

type Engine = Schemas["EngineChoice"];
const WORTH = 1.05;

/** Give label and value of each fact, for the list of what a run was trained with. */
export function engineFacts(machine: Schemas["MachineFacts"] | null | undefined, t: TFunction<"evaluation">): [string, string][] {
  const engine = machine?.engine;
  if (!machine) return [[t("backend"), t("knownAtStart")], [t("precision"), t("knownAtStart")]];
  const facts: [string, string][] = [[t("backend"), backendWords(machine, t)], [t("processor"), machine.device]];
  if (!engine) return [...facts, [t("precision"), machine.precision]];
  facts.push([t("precision"), precisionWords(engine, t)], [t("threads"), String(engine.threads)]);
  const atOnce = engine.steps_at_once ?? 1;
  if (atOnce > 1) facts.push([t("stepsAtOnce"), t("upTo", { count: atOnce })]);
  return [...facts, [t("compiled"), compiledWords(engine, t)]];
}

function backendWords(machine: Schemas["MachineFacts"], t: TFunction<"evaluation">): string {
  const backend = t(`backendName.${machine.backend}` as "backendName.tensorflow", { defaultValue: machine.backend });
  const why = machine.engine?.backend_why;
  return why ? t(`backendWhy.${why}`, { backend }) : backend;
}

function precisionWords(engine: Engine, t: TFunction<"evaluation">): string {
  const { precision } = engine;
  if (engine.why !== "measured") return t(`engine.${engine.why}`, { precision });
  const times = timesAsFast(engine);
  if (precision === "float32" || times < WORTH) return t("engine.fastest", { precision });
  return t("engine.faster", { precision, times: times.toFixed(1) });
}

function compiledWords(engine: Engine, t: TFunction<"evaluation">): string {
  if (engine.backend === "jax") return t("compiledByXla");
  const seconds = (xla: boolean) => engine.trials?.find((trial) => trial.precision === engine.precision && trial.xla === xla)?.seconds_per_row;
  const [plain, compiled] = [seconds(false), seconds(true)];
  if (!plain || !compiled) return t(engine.xla ? "compiledByXla" : "compiledNot");
  return engine.xla ? t("compiledFaster", { times: (plain / compiled).toFixed(1) }) : t("compiledSlower");
}

/** Give how much faster the choice was than float32 as it is; 1 where they were not compared. */
export function timesAsFast(engine: Engine): number {
  const seconds = (precision: string, xla: boolean): number | undefined =>
    engine.trials?.find((trial) => trial.precision === precision && trial.xla === xla)?.seconds_per_row;
  const plain = seconds("float32", false);
  const own = seconds(engine.precision, engine.xla);
  return plain && own ? plain / own : 1;
}
