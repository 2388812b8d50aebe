/** Evaluation: the runs of a project live, compared, and the way out for the best model. */
import "./evaluation.css";

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams, useSearchParams } from "react-router";

import type { Schemas } from "@/api/client";
import { experimentsQuery, groupsQuery, runsQuery } from "@/api/queries";
import { runShare } from "@/model/runShare";
import { Icon } from "@/ui/Icon";
import { duration, percent } from "@/ui/measures";
import { usePageTitle } from "@/ui/pageTitle";
import { PrimaryAction } from "@/ui/PrimaryAction";
import { ErrorNote } from "@/ui/ProblemNote";
import { runName } from "@/ui/runName";

import { Charts } from "./Charts";
import { DownloadDialog } from "./DownloadDialog";
import { EmptyEvaluation } from "./EmptyEvaluation";
import { FollowUpDialog } from "./FollowUpDialog";
import { GroupCard } from "./GroupCard";
import { GroupList } from "./GroupList";
import { withLiveStates } from "./groupWords";
import { RunCard } from "./RunCard";
import { useContinueRun, useDuplicateRun, usePauseRun, useStopRun } from "./runActions";
import { RunFacts, RunList } from "./RunList";
import { RunTable } from "./RunTable";
import { isLive } from "./runWords";
import { type Named, type Run, stylesByRun } from "./series";

/** Curves of so many runs are drawn at first; the others wait in the legend. */
const SHOWN_AT_FIRST = 6;

export function EvaluationPage() {
  const { t } = useTranslation("evaluation");
  const { projectId = "" } = useParams();
  const runs = useQuery(runsQuery(projectId));
  const experiments = useQuery(experimentsQuery(projectId));
  const groups = useQuery(groupsQuery(projectId));
  if (runs.error && !runs.data) return <main className="ev-alone"><ErrorNote error={runs.error} /></main>;
  // An address may lead to a group: until they are known, no run is shown in its place.
  if (!runs.data || groups.isPending) return <main className="ev-alone" aria-busy="true" />;
  const all = runs.data.runs;
  if (!all.length) {
    return (
      <>
        <PrimaryAction>
          <span className="t12 mut">{t("noRunYet")}</span>
          <button type="button" className="btn primary lg" disabled><Icon name="download" />{t("download")}</button>
        </PrimaryAction>
        <EmptyEvaluation projectId={projectId} hasExperiments={Boolean(experiments.data?.length)} />
      </>
    );
  }
  const styles = stylesByRun(all);
  const named = all.map((run) => ({ run, name: runName(run, all, t), style: styles.get(run.id) ?? { color: "--s1", marker: "circle" as const } }));
  const now = (groups.data ?? []).map((group) => withLiveStates(group, all));
  return <RunsView projectId={projectId} groups={now} named={named} bestIds={runs.data.best_run_ids ?? []} experiments={experiments.data ?? []} />;
}

type RunsViewProps = { projectId: string; groups: readonly Schemas["RunGroup"][]; named: readonly Named[]; bestIds: readonly string[]; experiments: Parameters<typeof RunList>[0]["experiments"] };

function RunsView({ projectId, groups, named, bestIds, experiments }: RunsViewProps) {
  const { t } = useTranslation("evaluation");
  const navigate = useNavigate();
  const [search, setSearch] = useSearchParams();
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [metrics, setMetrics] = useState<ReadonlySet<string> | null>(null);
  const goOn = useContinueRun(projectId);
  const stop = useStopRun(projectId);
  const pause = usePauseRun(projectId);
  const duplicate = useDuplicateRun(projectId);
  const [followed, setFollowed] = useState<string | null>(null);
  const asked = search.get("run");
  const group = groups.find((each) => each.id === search.get("group"));
  const selected = chooseRun(named, asked ?? group?.best_run_id ?? null, bestIds[0] ?? null);
  const bestRuns = bestIds.flatMap((id) => named.find(({ run }) => run.id === id)?.run ?? []);
  const bestId = (bestRuns.find(({ target }) => target === selected.run.target) ?? bestRuns[0])?.id ?? null;
  // Chosen once on entering and kept in the address: what is looked at never changes by itself when a run ends.
  useEffect(() => {
    if (asked === null && search.get("group") === null) setSearch({ run: selected.run.id }, { replace: true });
  }, [asked, search, selected.run.id, setSearch]);
  // Trials are looked at in their group; beside single runs only the best of each, and the one that is chosen, stand.
  const best = new Set(groups.map((each) => each.best_run_id));
  const listed = named.filter(({ run }) => (group ? run.group_id === group.id : !run.group_id || best.has(run.id) || run.id === selected.run.id));
  // A run that failed before its first epoch has nothing to draw.
  const drawable = listed.filter(({ run }) => run.epochs.length > 0 || isLive(run) || run.state === "queued" || run.id === selected.run.id);
  // Only runs that learn the same are compared at first; a person may draw the others, too.
  const rivals = drawable.filter(({ run }) => run.target === selected.run.target).map(({ run }) => run.id);
  const atFirst = new Set([...rivals.slice(0, SHOWN_AT_FIRST), ...rivals.filter((id) => id === bestId || id === selected.run.id)]);
  const shownIds = new Set(drawable.filter(({ run }) => toggled.get(run.id) ?? atFirst.has(run.id)).map(({ run }) => run.id));
  useRunTitle(selected);
  const select = (id: string) => setSearch({ run: id }, { replace: true });
  // In the address, so that the menu of an experiment in Modeling leads to the same dialog.
  const download = (id: string | null) => setSearch({ run: selected.run.id, ...(id === null ? {} : { download: id }) }, { replace: true });
  const compete = (run: Run) => void navigate(`/projects/${projectId}/evaluation/competitions?run=${run.id}`);
  const toggle = (id: string) => setToggled(new Map(toggled).set(id, !shownIds.has(id)));
  const offered = named.find(({ run }) => run.id === bestId && run.checkpoints.length) ?? named.find(({ run }) => run.checkpoints.length);
  return (
    <main className="main ev-main">
      {/* A group has ways out of its own, and each of its runs one beside it. */}
      {group ? null : (
        <PrimaryAction>
          {offered ? <button type="button" className="btn lg" title={t("offered", { name: offered.name })} onClick={() => compete(offered.run)}><Icon name="flag" />{t("enterCompetition")}</button> : <span className="t12 mut">{t("noCheckpointYet")}</span>}
          <button type="button" className="btn primary lg" title={offered ? t("offered", { name: offered.name }) : undefined} disabled={!offered} onClick={() => download(offered?.run.id ?? null)}><Icon name="download" />{t("download")}</button>
        </PrimaryAction>
      )}
      <aside className="side ev-side">
        <GroupList groups={groups} selectedId={group?.id ?? null} onSelect={(id) => setSearch({ group: id }, { replace: true })} />
        <RunList
          projectId={projectId} experiments={experiments.filter((each) => !named.some(({ run }) => run.experiment_id === each.id) || listed.some(({ run }) => run.experiment_id === each.id))} named={group ? named.filter(({ run }) => !run.group_id || best.has(run.id)) : listed} selectedId={group ? "" : selected.run.id} best={bestRuns} comparedCount={shownIds.size} onSelect={select}
          onDownload={(run) => download(run.id)} onCompete={compete}
          onStop={(run) => stop.mutate(run.id)}
          onPause={(run) => pause.mutate(run.id)}
          onFollowUp={(run) => setFollowed(run.id)}
          onDuplicate={(run) => duplicate.mutate(run.id, { onSuccess: (made) => void navigate(`/projects/${projectId}/modeling/${made.id}`) })}
          onContinue={(run) => goOn.mutate(run.id, { onSuccess: (next) => select(next.id) })}
        />
        <ErrorNote error={goOn.error ?? stop.error ?? pause.error ?? duplicate.error} />
        {group ? null : <RunFacts run={selected.run} />}
      </aside>
      <div className="ev-middle">
        {group ? <GroupCard key={group.id} group={group} named={listed} onSelect={select} /> : <RunCard key={selected.run.id} named={selected} all={named} />}
        <Charts named={drawable} shownIds={shownIds} onToggle={toggle} selectedId={selected.run.id} chosen={metrics} onChoose={setMetrics} />
        {group ? null : <RunTable named={listed} selectedId={selected.run.id} best={bestRuns} onSelect={select} metrics={metrics} />}
      </div>
      <FollowUpDialog run={named.find(({ run }) => run.id === followed)?.run} onClose={() => setFollowed(null)} onStarted={(id) => { setFollowed(null); select(id); }} />
      <DownloadDialog named={named} best={bestRuns} runId={search.get("download")} onClose={() => download(null)} />
    </main>
  );
}

/** The run asked for, else the one at work, else the best, else the newest. */
function chooseRun(named: readonly Named[], wanted: string | null, bestId: string | null): Named {
  const found = named.find(({ run }) => run.id === wanted) ?? named.find(({ run }) => isLive(run)) ?? named.find(({ run }) => run.id === bestId);
  return found ?? (named[0] as Named);
}

/** The tab tells how far the run is, also while another tab is looked at. */
function useRunTitle({ run, name }: Named): void {
  const { t } = useTranslation("evaluation");
  const left = run.progress.seconds_left;
  const progress = run.state === "running" ? `${percent(runShare(run))}${left == null ? "" : t("titleLeft", { time: duration(left) })} · ` : "";
  usePageTitle(`${progress}${name}`);
}
