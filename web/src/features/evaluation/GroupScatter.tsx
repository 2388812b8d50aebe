/** One setting against the value that each trial reached; the best one ringed. */
import { useElementSize } from "@mantine/hooks";
import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/client";
import { groupPlot } from "@/model/groupPlot";
import { metricValue } from "@/ui/measures";

import { valueWords } from "./groupWords";
import { metricName } from "./runWords";

const HEIGHT = 200;
const EDGE = { left: 48, right: 12, top: 22, bottom: 34 };

type Props = { group: Schemas["RunGroup"]; name: string; label: string; onSelect: (runId: string) => void };

export function GroupScatter({ group, name, label, onSelect }: Props) {
  const { t } = useTranslation("groups");
  const metric = metricName(group.best_by, useTranslation("evaluation").t);
  const byFactors = group.varied.some((each) => each.name === name && each.kind === "range" && each.log);
  const plot = groupPlot(group.trials, name, group.best_run_id, byFactors);
  // Drawn in pixels of the screen, so that words keep their size.
  const { ref, width } = useElementSize();
  const x = (at: number) => EDGE.left + at * (width - EDGE.left - EDGE.right);
  const y = (at: number) => HEIGHT - EDGE.bottom - at * (HEIGHT - EDGE.top - EDGE.bottom);
  if (!plot.dots.length) return <p className="t12 dim ev-group-empty">{t("nothingDrawnYet")}</p>;
  return (
    <div ref={ref}>
      <svg className="ev-scatter" width={width} height={HEIGHT} role="img" aria-label={t("scatterLabel", { setting: label, metric })}>
        <text className="ev-axis" x={EDGE.left} y={12}>{metric}</text>
        {plot.yTicks.map((tick) => (
          <g key={tick.value}>
            <line x1={EDGE.left} x2={width - EDGE.right} y1={y(tick.at)} y2={y(tick.at)} stroke="var(--line)" />
            <text className="ev-axis" x={EDGE.left - 6} y={y(tick.at) + 4} textAnchor="end">{metricValue(tick.value as number, plot.yDecimals)}</text>
          </g>
        ))}
        {plot.xTicks.map((tick) => <text key={tick.value} className="ev-axis" x={x(tick.at)} y={HEIGHT - EDGE.bottom + 16} textAnchor="middle">{valueWords(tick.value, t)}</text>)}
        <text className="ev-axis" x={width - EDGE.right} y={HEIGHT - 4} textAnchor="end">{plot.log ? t("byFactorsAxis", { setting: label }) : label}</text>
        {plot.dots.map((dot) => (
          <g key={dot.trial.run_id} className="ev-dot" onClick={() => onSelect(dot.trial.run_id)}>
            <title>{t("dot", { number: dot.trial.number, setting: label, at: valueWords(dot.trial.values[name], t), metric, value: metricValue(dot.trial.value) })}</title>
            {dot.best ? <circle cx={x(dot.x)} cy={y(dot.y)} r={8} fill="none" stroke="var(--accent)" strokeWidth={1.5} /> : null}
            <circle cx={x(dot.x)} cy={y(dot.y)} r={4} fill={dot.trial.pruned ? "var(--surface)" : "var(--s1)"} stroke="var(--s1)" strokeWidth={1.5} />
          </g>
        ))}
      </svg>
    </div>
  );
}
