/** The newest runs of all projects, each with its curve drawn small. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Schemas } from "@/api/client";
import { recentRunsQuery, runsQuery } from "@/api/queries";
import { describeProblem, problemLine } from "@/i18n";
import { day, duration, metricValue } from "@/ui/measures";
import { runName } from "@/ui/runName";
import { isLiveRun, RunState } from "@/ui/RunState";
import { trainingSeconds } from "@/ui/runTime";

import { Spark } from "./Spark";
import { metricName } from "./words";

type Run = Schemas["Run"];

export function RecentRuns({ projects }: { projects: Schemas["Project"][] }) {
  const { t } = useTranslation("home");
  const runs = useQuery(recentRunsQuery).data ?? [];
  const whole = useWholeRuns(runs);
  if (runs.length === 0) return null;
  const all = [...whole.values()];
  const nameOf = new Map(projects.map((each) => [each.id, each.name]));
  return (
    <section aria-labelledby="recent-runs">
      <h2 className="t15 recent-title" id="recent-runs">{t("recentRuns")}</h2>
      <div className="card recent">
        <table className="tbl">
          <thead>
            <tr>
              <th className="w-state">{t("state")}</th>
              <th>{t("run")}</th>
              <th className="wide-only">{t("project")}</th>
              <th className="w-curve wide-only">{t("validation")}</th>
              <th className="r">{t("bestValue")}</th>
              <th className="r wide-only extra">{t("duration")}</th>
              <th className="r wide-only extra">{t("started")}</th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => <RunRow key={run.id} run={whole.get(run.id) ?? run} all={all} projectName={nameOf.get(run.project_id) ?? ""} />)}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** The list of all projects has no epochs; the lists of each project do. */
function useWholeRuns(runs: Run[]): Map<string, Run> {
  const projectIds = [...new Set(runs.map((run) => run.project_id))];
  const lists = useQueries({ queries: projectIds.map((id) => runsQuery(id)) });
  return new Map(lists.flatMap((list) => list.data?.runs ?? []).map((run) => [run.id, run]));
}

function RunRow({ run, all, projectName }: { run: Run; all: readonly Run[]; projectName: string }) {
  const name = runName(run, all, useTranslation("evaluation").t);
  const values = run.epochs.map((epoch) => epoch.validation[run.best_by]).filter((value): value is number => typeof value === "number");
  const seconds = trainingSeconds(run);
  const address = `/projects/${run.project_id}/evaluation?run=${run.id}`;
  return (
    <tr>
      <td><RunState run={run} /></td>
      <td className="b6 ell"><Link className="cover" to={address} title={name}>{name}</Link></td>
      <td className="mut ell wide-only" title={projectName}>{projectName}</td>
      <td className="wide-only"><Spark values={values} live={isLiveRun(run)} /></td>
      <td className="r num ell"><BestValue run={run} /></td>
      <td className="r num mut wide-only extra">{seconds ? duration(seconds) : "–"}</td>
      <td className="r mut wide-only extra">{day(new Date(run.started_at ?? run.created_at))}</td>
    </tr>
  );
}

function BestValue({ run }: { run: Run }) {
  const { t } = useTranslation("evaluation");
  if (run.problem && run.best_value == null) {
    return <span className="b6 run-problem" title={problemLine(run.problem)}>{describeProblem(run.problem).message}</span>;
  }
  if (run.best_value == null) return <span className="dim">{metricValue(null)}</span>;
  return <><span className="dim">{metricName(run.best_by, t)}</span> <b className="b6">{metricValue(run.best_value, 2)}</b></>;
}
