/** Words that several parts of Home use. */
import type { TFunction } from "i18next";

/** A metric under the name that Evaluation gives it. */
export function metricName(metric: string, t: TFunction<"evaluation">): string {
  return t(`metric.${metric}` as "metric.loss", { defaultValue: metric.replaceAll("_", " ") });
}
