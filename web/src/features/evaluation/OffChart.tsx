/** Above a plot: which values it leaves out, in words, and the switch that draws them. */
import { useTranslation } from "react-i18next";

import { metricValue } from "@/ui/measures";

import type { Beyond } from "./reach";

type OffChartProps = { beyond: Beyond | null; decimals: number; whole: boolean; onWhole: (whole: boolean) => void };

export function OffChart({ beyond, decimals, whole, onWhole }: OffChartProps) {
  const { t } = useTranslation("evaluation");
  if (!beyond) return null;
  const [limit, furthest] = [metricValue(beyond.limit, decimals), metricValue(beyond.furthest, decimals)];
  const whose = beyond.names.length === 1 ? beyond.names[0] : t("ofRuns", { count: beyond.names.length });
  const words = whole ? t("wholeAxis") : t(beyond.below ? "offBelow" : "offAbove", { limit, furthest, whose });
  return (
    <p className="ev-off">
      <span className="ell" title={`${words} ${beyond.names.join(t("listComma"))}`}>{words}</span>
      <button type="button" className="ev-link" aria-pressed={whole} onClick={() => onWhole(!whole)}>{t(whole ? "showMost" : "showWhole")}</button>
    </p>
  );
}
