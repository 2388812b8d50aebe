/** The runs side by side: the chosen metric first, the best one marked. */
import { useTranslation } from "react-i18next";

import { useLost } from "@/api/events";
import { runShare } from "@/model/runShare";
import { Icon, Mark } from "@/ui/Icon";
import { metricValue, percent, preciseDuration } from "@/ui/measures";
import { trainingSeconds } from "@/ui/runTime";

import { RunMarker } from "./RunMarker";
import { bestWords, metricName, stateNow } from "./runWords";
import { metricsOf, metricsShown, type Named, type Run, valueAtBest } from "./series";

export type RunTableProps = { named: readonly Named[]; selectedId: string; best: readonly Run[]; onSelect: (runId: string) => void; metrics: ReadonlySet<string> | null };

export function RunTable({ named, selectedId, best, onSelect, metrics }: RunTableProps) {
  const { t } = useTranslation("evaluation");
  const chosen = named.find(({ run }) => run.id === selectedId)?.run.best_by ?? "loss";
  const others = metricsShown(metricsOf(named.map(({ run }) => run)), metrics).filter((metric) => metric !== chosen);
  const ordered = others.filter((metric) => metric !== "loss").concat(others.filter((metric) => metric === "loss"));
  return (
    <section className="card ev-table" aria-label={t("runsTable")}>
      <table className="tbl num">
        <thead>
          <tr>
            <th aria-hidden="true" />
            <th scope="col">{t("run")}</th>
            <th scope="col">{t("stateColumn")}</th>
            <th scope="col" className="r ev-chosen">{metricName(chosen, t)}</th>
            {ordered.map((metric) => <th key={metric} scope="col" className="r">{metricName(metric, t)}</th>)}
            <th scope="col" className="r">{t("bestEpoch")}</th>
            <th scope="col" className="r">{t("time")}</th>
          </tr>
        </thead>
        <tbody>
          {named.map((each) => (
            <RunRow key={each.run.id} named={each} chosen={chosen} others={ordered} selected={each.run.id === selectedId} best={best.includes(each.run) ? bestWords(each.run, best, t) : null} onSelect={onSelect} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

type RunRowProps = { named: Named; chosen: string; others: readonly string[]; selected: boolean; best: string | null; onSelect: (runId: string) => void };

function RunRow({ named: { run, name, style }, chosen, others, selected, best, onSelect }: RunRowProps) {
  const { t } = useTranslation("evaluation");
  const seconds = trainingSeconds(run);
  const lost = useLost();
  const { mark, tone, words } = stateNow(run, lost, t);
  return (
    <tr className={best ? "best" : undefined} aria-selected={selected} onClick={() => onSelect(run.id)}>
      <td className="ev-mark"><RunMarker style={style} /></td>
      <td>
        <button type="button" className={`ev-pick ${selected ? "b6" : "b5"}`} onClick={() => onSelect(run.id)}>{name}</button>
        {best ? <span className="tag live ev-best"><Icon name="star" size={12} />{best}</span> : null}
      </td>
      <td><span className={`st ${tone}`}><Mark name={mark} />{run.state === "running" && !lost ? percent(runShare(run)) : words}</span></td>
      <td className="r b6">{metricValue(valueAtBest(run, chosen))}</td>
      {others.map((metric) => <td key={metric} className="r">{metricValue(valueAtBest(run, metric))}</td>)}
      <td className="r">{run.best_epoch ?? "–"}</td>
      <td className="r mut">{seconds ? preciseDuration(seconds) : "–"}</td>
    </tr>
  );
}
