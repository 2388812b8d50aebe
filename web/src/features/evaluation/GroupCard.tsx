/** A search or the runs of all folds: how far it is, what it found, and every trial. */
import { Modal, Select } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, type Schemas, unwrap } from "@/api/client";
import { useLost } from "@/api/events";
import { catalogueQuery, keys } from "@/api/queries";
import { type SortKey, sortedTrials } from "@/model/groupPlot";
import { runShare } from "@/model/runShare";
import { Icon, Mark } from "@/ui/Icon";
import { duration, metricValue, number, percent, preciseDuration } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";

import { BestTrial } from "./BestTrial";
import { BundleProgress } from "./DownloadDialog";
import { GroupScatter } from "./GroupScatter";
import { groupCounts, groupMark, settingLabel, standingWords, valueWords, whereabouts } from "./groupWords";
import { metricName, STATE_MARKS, stateNow, type StateNow } from "./runWords";
import type { Named, Run } from "./series";

type Group = Schemas["RunGroup"];
type Trial = Schemas["Trial"];
export type GroupCardProps = { group: Group; named: readonly Named[]; onSelect: (runId: string) => void };

export function GroupCard({ group, named, onSelect }: GroupCardProps) {
  const { t } = useTranslation("groups");
  const stop = useStopGroup(group);
  const lost = useLost();
  const [looked, setLooked] = useState<string | null>(null);
  const label = useSettingLabel();
  const names = group.varied.map((each) => each.name);
  const shown = names.find((name) => name === looked) ?? names[0];
  return (
    <section className="card ev-card" aria-labelledby="ev-group-name">
      <div className="row ev-card-head">
        <h1 id="ev-group-name" className="ell" title={group.name}>{group.name}</h1>
        <GroupStandingShown group={group} lost={lost} />
        <span className="sp" />
        {group.state === "running" ? <button type="button" className="btn" disabled={lost || stop.isPending} onClick={() => stop.mutate()}><Icon name="stop" />{t(group.kind === "search" ? "stopSearch" : "stopFolds")}</button> : null}
      </div>
      <TrialBar group={group} />
      <GroupLine group={group} />
      {lost ? null : <UnderWay named={named} />}
      {group.kind === "search" && label ? <BestTrial group={group} label={label} /> : null}
      <ErrorNote error={stop.error} />
      {group.can_average ? <Averaged group={group} /> : null}
      {shown && label ? (
        <div className="ev-group-plot">
          {names.length > 1 ? <Select size="xs" label={t("drawn")} allowDeselect={false} value={shown} data={names.map((name) => ({ value: name, label: label(name) }))} onChange={setLooked} /> : null}
          <GroupScatter group={group} name={shown} label={label(shown)} onSelect={onSelect} />
        </div>
      ) : null}
      {label ? <TrialTable group={group} named={named} label={label} onSelect={onSelect} /> : null}
    </section>
  );
}

function GroupStandingShown({ group, lost }: { group: Group; lost: boolean }) {
  const { t } = useTranslation("groups");
  const runs = useTranslation("evaluation").t;
  const live = groupMark(group) === "live";
  if (lost && live) return <span className="st" role="status"><Mark name="wait" />{runs("lastKnown", { state: standingWords(group, t) })}</span>;
  return <span className={`st${live ? " live" : ""}`} role="status"><Mark name={groupMark(group)} />{standingWords(group, t)}</span>;
}

/** What a setting is called; null until that is known. */
function useSettingLabel(): ((name: string) => string) | null {
  const { t, i18n } = useTranslation("groups");
  const cards = useQuery(catalogueQuery).data?.settings;
  return cards ? (name) => settingLabel(name, cards, i18n.language === "zh" ? "zh" : "en", t) : null;
}

function useStopGroup(group: Group) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/groups/{group_id}/stop", { params: { path: { group_id: group.id } } })),
    onSettled: () => Promise.all([keys.groups(group.project_id), keys.runs(group.project_id)].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

/** The way out for the folds: one model that averages theirs. */
function Averaged({ group }: { group: Group }) {
  const { t } = useTranslation("groups");
  const client = useQueryClient();
  const runId = group.trials[0]?.run_id ?? "";
  const make = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/bundles", { body: { run_id: runId, averaged: true, format: "h5" } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.bundles(group.project_id) }),
  });
  return (
    <div className="row ev-averaged">
      <p className="sp t12 mut">{t("averagedWords", { count: group.total })}</p>
      <button type="button" className="btn" disabled={make.isPending} onClick={() => make.mutate()}><Icon name="download" />{t("downloadAveraged")}</button>
      <Link className="btn" to={`/projects/${group.project_id}/evaluation/competitions?run=${runId}&averaged=1`}><Icon name="flag" />{t("competeAveraged")}</Link>
      <ErrorNote error={make.error} />
      <Modal opened={make.data !== undefined} onClose={() => make.reset()} title={t("downloadAveraged")} size={520} centered closeButtonProps={{ "aria-label": t("close") }}>
        {make.data ? <BundleProgress first={make.data} projectId={group.project_id} onClose={() => make.reset()} /> : null}
      </Modal>
    </div>
  );
}

/** One cell per trial, as an epoch has one in a run; filled when it has ended. */
function TrialBar({ group }: { group: Group }) {
  const { t } = useTranslation("groups");
  const { ended } = groupCounts(group);
  const cells = Math.min(60, group.total);
  return (
    <div className="ev-epochs" role="progressbar" aria-label={t("progress")} aria-valuemin={0} aria-valuemax={group.total} aria-valuenow={ended} style={{ gridTemplateColumns: `repeat(${cells}, 1fr)` }}>
      {Array.from({ length: cells }, (_, place) => <i key={place}><b style={{ width: `${Math.max(0, Math.min(1, (ended / group.total) * cells - place)) * 100}%` }} /></i>)}
    </div>
  );
}

function GroupLine({ group }: { group: Group }) {
  const { t } = useTranslation("groups");
  const metric = metricName(group.best_by, useTranslation("evaluation").t);
  const counts = groupCounts(group);
  const best = group.trials.find((trial) => trial.run_id === group.best_run_id);
  const parts = [["doneCount", counts.done], ["runningCount", counts.running], ["pausedCount", counts.paused], ["waitingCount", counts.waiting], ["prunedCount", counts.pruned], ["failedCount", counts.failed]] as const;
  return (
    <p className="ev-line-of-run num">
      <span><b className="b6">{t("endedOf", { ended: number(counts.ended), total: number(group.total) })}</b> <span className="dim">{parts.filter(([, count]) => count).map(([key, count]) => t(key, { count })).join(", ")}</span></span>
      {group.mean == null || group.kind !== "folds" ? (
        best ? <span><b className="b6">{metric} {metricValue(best.value)}</b> <span className="dim">{t("bestTrial", { number: best.number })}</span></span> : null
      ) : (
        <span><b className="b6">{metric} {metricValue(group.mean)}{group.deviation == null ? "" : ` ± ${metricValue(group.deviation)}`}</b> <span className="dim">{t("overFolds")}</span></span>
      )}
      <span className="sp" />
      {group.seconds_left ? <span><b className="b6">{duration(group.seconds_left)}</b> <span className="dim">{t("left")}</span></span> : null}
    </p>
  );
}

/** Where the runs at work are: before the first value there is nothing else to tell. */
function UnderWay({ named }: { named: readonly Named[] }) {
  const { t } = useTranslation("groups");
  const words = named.map(({ run }) => whereabouts(run, t)).filter(Boolean);
  return words.length ? <p className="ev-line-of-run num">{words.map((each) => <span key={each}>{each}</span>)}</p> : null;
}

type TableProps = { group: Group; named: readonly Named[]; label: (name: string) => string; onSelect: (runId: string) => void };

function TrialTable({ group, named, label, onSelect }: TableProps) {
  const { t } = useTranslation("groups");
  const metric = metricName(group.best_by, useTranslation("evaluation").t);
  const [sort, setSort] = useState<SortKey>({ by: "number", descending: false });
  const names = group.kind === "search" ? group.varied.map((each) => each.name) : ["fold"];
  const columns = [{ by: "number", words: t(group.kind === "search" ? "trial" : "foldNumber"), right: false }, ...names.map((by) => ({ by, words: label(by), right: false })), { by: "value", words: metric, right: true }, { by: "epochs", words: t("epochs"), right: true }, { by: "seconds", words: t("time"), right: true }];
  const press = (by: string) => setSort({ by, descending: sort.by === by ? !sort.descending : by === "value" && group.higher_is_better });
  return (
    <div className="ev-table ev-trials" tabIndex={0} role="region" aria-label={t("trials")}>
      <table className="tbl num">
        <thead>
          <tr>
            {columns.map(({ by, words, right }) => (
              <th key={by} scope="col" className={right ? "r" : undefined} aria-sort={sort.by === by ? (sort.descending ? "descending" : "ascending") : "none"}>
                <button type="button" className="ev-sort" onClick={() => press(by)}>{words}<Icon name={sort.by === by ? (sort.descending ? "down" : "up") : "sort"} size={12} /></button>
              </th>
            ))}
            <th scope="col">{t("stateColumn")}</th>
          </tr>
        </thead>
        <tbody>
          {sortedTrials(group.trials, sort).map((trial) => <TrialRow key={trial.run_id} group={group} trial={trial} run={named.find(({ run }) => run.id === trial.run_id)?.run} names={names} onSelect={onSelect} />)}
        </tbody>
      </table>
    </div>
  );
}

function TrialRow({ group, trial, run, names, onSelect }: { group: Group; trial: Trial; run: Run | undefined; names: readonly string[]; onSelect: (runId: string) => void }) {
  const { t } = useTranslation("groups");
  const state = useTranslation("evaluation").t;
  // Of folds none is the best: they tell how much the number moves.
  const best = group.kind === "search" && trial.run_id === group.best_run_id;
  const lost = useLost();
  const shown: StateNow = run ? stateNow({ ...run, queue_place: null }, lost, state) : { mark: STATE_MARKS[trial.state], tone: "", words: state(`state.${trial.state}`) };
  return (
    <tr className={best ? "best" : undefined} onClick={() => onSelect(trial.run_id)}>
      <td>
        <button type="button" className="ev-pick b5" aria-label={t("openTrial", { number: trial.number })} onClick={() => onSelect(trial.run_id)}>{trial.number}</button>
        <span className="ev-trial-run">{t("asRun", { number: trial.run_number })}</span>
        {best ? <span className="tag live ev-best"><Icon name="star" size={12} />{t("best")}</span> : null}
      </td>
      {names.map((name) => <td key={name}>{valueWords(trial.values[name], t)}</td>)}
      <td className="r b6">{metricValue(trial.value)}</td>
      <td className="r">{number(trial.epochs)}</td>
      <td className="r mut">{trial.seconds ? preciseDuration(trial.seconds) : "–"}</td>
      <td><span className={`st ${shown.tone}`}><Mark name={shown.mark} />{trial.pruned ? t("pruned") : run?.state === "running" && !lost ? percent(runShare(run)) : shown.words}</span></td>
    </tr>
  );
}
