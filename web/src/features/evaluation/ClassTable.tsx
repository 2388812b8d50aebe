/** How each class of a run is told in one epoch, the worst first: a table beside the charts. */
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { classScoresQuery } from "@/api/queries";
import { Icon } from "@/ui/Icon";
import { metricValue, number } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";

import { CLASS_COLUMNS, type ClassColumn, type ClassScore, sortedClasses, sortPressed, WORST_FIRST } from "./classes";
import { isLive, metricName } from "./runWords";
import type { Named } from "./series";

/** Stands among the metrics as the choice to show this table. */
export const CLASSES = "classes";

export function hasClasses({ run }: Named): boolean {
  return run.metric_names.includes("f1_macro");
}

export function ClassTable({ named: { run, name } }: { named: Named }) {
  const { t } = useTranslation("evaluation");
  const titleId = useId();
  const [epoch, setEpoch] = useState<number | null>(null);
  const { data, error } = useQuery(classScoresQuery(run.id, epoch, run.epochs.length));
  const epochs = (data?.epochs ?? []).map((each) => ({ value: String(each), label: each === run.best_epoch ? t("epochIsBest", { epoch: each }) : t("epochNumber", { epoch: each }) }));
  return (
    <section className="card ev-chart ev-classes" aria-labelledby={titleId}>
      <div className="ev-chart-head">
        <h2 id={titleId}>{metricName(CLASSES, t)} <span>{data?.classes?.length ? t("classesMeaning", { count: data.classes.length, name }) : name}</span></h2>
        {data?.epoch ? <Select size="xs" aria-label={t("classesEpoch")} allowDeselect={false} searchable value={String(data.epoch)} data={epochs.reverse()} onChange={(value) => setEpoch(value === null ? null : Number(value))} /> : null}
      </div>
      {error ? <ErrorNote error={error} /> : data && !data.epoch ? <p className="ev-classes-none">{isLive(run) || run.state === "queued" ? t("noEpochYet") : t("noClassesKept")}</p> : <Rows classes={data?.classes ?? []} />}
    </section>
  );
}

function Rows({ classes }: { classes: readonly ClassScore[] }) {
  const { t } = useTranslation("evaluation");
  const [sort, setSort] = useState(WORST_FIRST);
  const words: Record<ClassColumn, string> = { name: t("classColumn"), rows: t("classRows"), precision: metricName("precision", t), recall: metricName("recall", t), f1: metricName("f1", t), average_precision: metricName("average_precision", t), roc_auc: metricName("roc_auc", t) };
  return (
    <div className="ev-numbers" tabIndex={0} role="region" aria-label={t("numbersOf", { metric: metricName(CLASSES, t) })}>
      <table className="tbl num">
        <thead>
          <tr>
            {CLASS_COLUMNS.map((by) => (
              <th key={by} scope="col" className={by === "name" ? undefined : "r"} aria-sort={sort.by === by ? (sort.descending ? "descending" : "ascending") : "none"}>
                <button type="button" className="ev-sort" onClick={() => setSort(sortPressed(sort, by))}>{words[by]}<Icon name={sort.by === by ? (sort.descending ? "down" : "up") : "sort"} size={12} /></button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sortedClasses(classes, sort).map((each) => (
            <tr key={each.name}>
              <td className="b5 ev-class" title={each.name}>{each.name}</td>
              <td className="r mut">{number(each.rows)}</td>
              <td className="r">{metricValue(each.precision)}</td>
              <td className="r">{metricValue(each.recall)}</td>
              <td className="r b6">{metricValue(each.f1)}</td>
              <td className="r">{metricValue(each.average_precision)}</td>
              <td className="r">{metricValue(each.roc_auc)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
