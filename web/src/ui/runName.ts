/** What a run is called: one rule for every view. */
import type { TFunction } from "i18next";

import type { Schemas } from "@/api/client";

type Run = Schemas["Run"];

/** "Experiment v1", or "Experiment v1, run 2" when its experiment has several among `all`. */
export function runName(run: Run, all: readonly Run[], t: TFunction<"evaluation">): string {
  const several = all.some((other) => other.experiment_id === run.experiment_id && other.id !== run.id);
  return several ? t("runOfExperiment", { name: run.experiment_name, number: run.number }) : run.experiment_name;
}
