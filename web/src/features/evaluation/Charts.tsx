/** All charts of the runs that are compared, their legend, and the switch to numbers. */
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";

import { BatchLossChart } from "./BatchLossChart";
import { CLASSES, ClassTable, hasClasses } from "./ClassTable";
import { comparableBy } from "./comparable";
import { MetricChart } from "./MetricChart";
import { MetricMenu } from "./MetricMenu";
import { RunMarker } from "./RunMarker";
import { isLive, metricMeaning, metricName, unitWords } from "./runWords";
import { metricsOf, metricsShown, type Named, prepareChart } from "./series";
import { SignalCharts } from "./SignalCharts";

export type ChartsProps = {
  named: readonly Named[];
  shownIds: ReadonlySet<string>;
  onToggle: (runId: string) => void;
  selectedId: string;
  /** Metrics that a person chose; null until then. */
  chosen: ReadonlySet<string> | null;
  onChoose: (metrics: ReadonlySet<string>) => void;
};

export function Charts({ named, shownIds, onToggle, selectedId, chosen, onChoose }: ChartsProps) {
  const { t } = useTranslation("evaluation");
  const [epoch, setEpoch] = useState<number | null>(null);
  const [numbers, setNumbers] = useState(false);
  const [byBatch, setByBatch] = useState(false);
  const [whole, setWhole] = useState<ReadonlySet<string>>(new Set());
  const drawWhole = (metric: string) => (all: boolean) => setWhole(new Set([...whole].filter((each) => each !== metric).concat(all ? [metric] : [])));
  const shown = named.filter(({ run }) => shownIds.has(run.id));
  const first = named.find(({ run }) => run.id === selectedId) ?? shown[0];
  const grow = (runs: readonly Named[]) => runs.some(({ run }) => isLive(run) || run.state === "queued");
  const offered = first && hasClasses(first) ? [CLASSES] : [];
  const metrics = [...metricsOf([...(first ? [first.run] : []), ...shown.map(({ run }) => run)]), ...offered];
  const drawn = metricsShown(metrics, chosen);
  return (
    <>
      <div className="ev-legend">
        <div className="ev-legend-runs" role="group" aria-label={t("runsShown")}>
          {named.map((each) => (
            <button key={each.run.id} type="button" aria-pressed={shownIds.has(each.run.id)} onClick={() => onToggle(each.run.id)} title={t("toggleRun")}>
              <LegendLine color={each.style.color}><RunMarker style={each.style} /></LegendLine>
              {each.name}
            </button>
          ))}
        </div>
        <div className="ev-legend-lines">
          <span><svg viewBox="0 0 28 12" aria-hidden="true"><path d="M0 6H28" stroke="var(--text-2)" strokeWidth="2" /></svg>{t("validation")}</span>
          <span><svg viewBox="0 0 28 12" aria-hidden="true"><path d="M0 6H28" stroke="var(--text-2)" strokeWidth="1.25" strokeDasharray="3 3" /></svg>{t("training")}</span>
          <span><svg className="ring" viewBox="0 0 14 14" aria-hidden="true"><circle cx="7" cy="7" r="5.5" fill="none" stroke="var(--text-2)" strokeWidth="1.5" /></svg>{t("bestCheckpoint")}</span>
          <MetricMenu metrics={metrics} shown={drawn} onChange={onChoose} />
          <button type="button" className="btn quiet sm" aria-pressed={numbers} onClick={() => setNumbers(!numbers)}>
            <Icon name={numbers ? "graph" : "list"} />{numbers ? t("showCurves") : t("showNumbers")}
          </button>
        </div>
      </div>
      <div className="ev-charts">
        {drawn.filter((metric) => metric !== CLASSES).map((metric) => {
          const { drawn: compared, left } = comparableBy(metric, shown, selectedId);
          const holder = compared[0]?.run ?? first?.run;
          const isLoss = metric === "loss";
          const growing = grow(compared);
          return (
            <MetricChart
              key={metric} chart={prepareChart(compared, metric, whole.has(metric))} whole={whole.has(metric)} onWhole={drawWhole(metric)} title={metricName(metric, t)} meaning={isLoss && byBatch ? t("lossByBatch") : metricMeaning(metric, holder, t)} units={holder ? unitWords(metric, holder, t) : ""} left={left} empty={compared.length ? t("noEpochOfMetric") : t("noSuchMetric")} epoch={epoch} onEpoch={setEpoch} numbers={numbers} growing={growing}
              choice={isLoss ? <LossChoice byBatch={byBatch} onChange={setByBatch} /> : undefined}
            >
              {isLoss && byBatch ? <BatchLossChart shown={compared} growing={growing} numbers={numbers} whole={whole.has(metric)} onWhole={drawWhole(metric)} /> : undefined}
            </MetricChart>
          );
        })}
        {first && drawn.includes(CLASSES) ? <ClassTable key={first.run.id} named={first} /> : null}
      </div>
      <SignalCharts shown={shown} epoch={epoch} onEpoch={setEpoch} numbers={numbers} growing={grow(shown)} />
    </>
  );
}

function LossChoice({ byBatch, onChange }: { byBatch: boolean; onChange: (byBatch: boolean) => void }) {
  const { t } = useTranslation("evaluation");
  return (
    <div className="seg ev-choice" role="group" aria-label={t("lossBy")}>
      {[false, true].map((batch) => (
        <button key={String(batch)} type="button" aria-pressed={batch === byBatch} aria-selected={batch === byBatch} onClick={() => onChange(batch)}>{batch ? t("byBatch") : t("byEpoch")}</button>
      ))}
    </div>
  );
}

function LegendLine({ color, children }: { color: string; children: React.ReactNode }) {
  return (
    <span className="ev-legend-line" style={{ "--line-color": `var(${color})` } as React.CSSProperties}>{children}</span>
  );
}
