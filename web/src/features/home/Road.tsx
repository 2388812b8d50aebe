/** The four steps of a project: which are done, which is next or at work, and what each holds. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Schemas } from "@/api/client";
import { bundlesQuery, competitionsQuery, datasetsQuery, experimentsQuery, jobsQuery, runsQuery } from "@/api/queries";
import { runShare } from "@/model/runShare";
import { Icon, Mark } from "@/ui/Icon";
import { jobWords } from "@/ui/jobWords";
import { bytes, duration, metricValue, millions, number, percent } from "@/ui/measures";
import { isLiveRun } from "@/ui/RunState";

import { metricName } from "./words";

type StepName = "datasets" | "modeling" | "evaluation" | "deployment";
type Step = { name: StepName; done: boolean; live: boolean; lines: ReactNode; foot: ReactNode };

export function Road({ project }: { project: Schemas["Project"] }) {
  const steps = [useDatasetsStep(project.id), useModelingStep(project.id), useEvaluationStep(project.id), useDeploymentStep(project.id)];
  const live = steps.findIndex((step) => step.live);
  const now = live >= 0 ? live : steps.findIndex((step) => !step.done);
  return (
    <div>
      <h1 className="ell road-title" title={project.name}>{project.name}</h1>
      <ol className="road">
        {steps.map((step, place) => (
          <StepCard key={step.name} projectId={project.id} step={step} now={place === now} linked={place === 0 ? null : place <= now || step.done} />
        ))}
      </ol>
    </div>
  );
}

type CardProps = { projectId: string; step: Step; now: boolean; linked: boolean | null };

function StepCard({ projectId, step, now, linked }: CardProps) {
  const { t } = useTranslation();
  const look = now ? " now" : step.done ? "" : " todo";
  return (
    <li className={`card stp${look}`}>
      {linked === null ? null : <span className={`lnk${linked ? " on" : ""}`} aria-hidden="true" />}
      <h3>
        {step.live ? <Mark name="live" /> : step.done ? <Icon name="check" /> : null}
        <Link className="cover" to={`/projects/${projectId}/${step.name}`}>{t(step.name)}</Link>
      </h3>
      <div className="stp-b">{step.lines}</div>
      <div className="t12 dim">{step.foot}</div>
    </li>
  );
}

function useDatasetsStep(projectId: string): Step {
  const { t } = useTranslation("home");
  const datasets = useQuery(datasetsQuery(projectId)).data ?? [];
  const jobs = useQuery(jobsQuery).data ?? [];
  const newest = [...datasets].sort((a, b) => b.created_at.localeCompare(a.created_at))[0];
  const job = jobs.find((each) => each.project_id === projectId && each.kind === "import" && each.subject_id === newest?.id);
  if (!newest) return { name: "datasets", done: false, live: false, lines: <p>{t("noDataset")}</p>, foot: null };
  if (newest.state === "importing") {
    return { name: "datasets", done: false, live: true, lines: <p><b>{newest.name}</b> {t("comesIn")}<br />{job ? jobWords(job) : null}</p>, foot: <Bar share={job?.done ?? 0} label={t("comesIn")} /> };
  }
  if (newest.state === "failed") return { name: "datasets", done: false, live: false, lines: <p><b>{newest.name}</b><br />{t("importFailed")}</p>, foot: null };
  const frozen = newest.versions.filter((each) => each.state === "frozen").sort((a, b) => b.number - a.number)[0];
  return {
    name: "datasets", done: frozen !== undefined, live: false,
    lines: <p><b>{frozen ? t("nameAndVersion", { name: newest.name, number: frozen.number }) : newest.name}</b><br />{t("rows", { count: newest.rows, rows: number(newest.rows) })}{frozen ? null : <><br />{t("saveVersionNext")}</>}</p>,
    foot: bytes(newest.bytes),
  };
}

function useModelingStep(projectId: string): Step {
  const { t } = useTranslation("home");
  const experiments = useQuery(experimentsQuery(projectId)).data ?? [];
  const runs = useQuery(runsQuery(projectId)).data?.runs ?? [];
  const broken = experiments.filter((each) => each.error_count > 0);
  const first = broken[0];
  const newest = [...experiments].sort((a, b) => b.created_at.localeCompare(a.created_at))[0];
  if (experiments.length === 0) return { name: "modeling", done: false, live: false, lines: <p>{t("noExperiment")}</p>, foot: null };
  return {
    name: "modeling", done: experiments.length > broken.length, live: false,
    lines: <p><b>{t("experimentCount", { count: experiments.length })}</b><br />{first ? t("waitsForRepair", { name: first.name, count: first.error_count }) : newest && runs.length > 0 ? t("newestExperiment", { name: newest.name }) : t("readyToRun")}</p>,
    foot: runs[0] ? t("parameters", { parameters: millions(runs[0].parameters) }) : null,
  };
}

function useEvaluationStep(projectId: string): Step {
  const { t } = useTranslation("home");
  const { t: metrics } = useTranslation("evaluation");
  const list = useQuery(runsQuery(projectId)).data;
  const runs = list?.runs ?? [];
  const live = runs.find(isLiveRun);
  if (live) {
    const left = live.progress.seconds_left;
    const words = left == null ? percent(runShare(live)) : t("timeLeft", { time: duration(left) });
    return { name: "evaluation", done: false, live: true, lines: <p><b>{live.experiment_name}</b> {t("learns")}<br />{words}</p>, foot: <Bar share={runShare(live)} label={t("learns")} /> };
  }
  const best = runs.find((run) => run.id === list?.best_run_id);
  if (!best) return { name: "evaluation", done: false, live: false, lines: <p>{runs.length > 0 ? t("noResult") : t("noRun")}</p>, foot: null };
  return {
    name: "evaluation", done: true, live: false,
    lines: <p><b className="num">{metricName(best.best_by, metrics)} {metricValue(best.best_value, 2)}</b><br />{t("bestOf", { name: best.experiment_name, epoch: best.best_epoch ?? 0 })}</p>,
    foot: t("runCount", { count: runs.length }),
  };
}

function useDeploymentStep(projectId: string): Step {
  const { t } = useTranslation("home");
  const competition = (useQuery(competitionsQuery(projectId)).data ?? [])[0];
  const bundles = (useQuery(bundlesQuery(projectId)).data ?? []).filter((each) => each.state === "ready");
  const hasCheckpoint = (useQuery(runsQuery(projectId)).data?.runs ?? []).some((run) => run.checkpoints.length > 0);
  const enter = hasCheckpoint ? <Link className="next" to={`/projects/${projectId}/evaluation/competitions`}>{t("enterCompetition")}</Link> : null;
  if (competition) {
    const passed = competition.dry_run?.state === "passed";
    const line = passed ? t("dryRunPassed") : t("dryRunNext");
    return { name: "deployment", done: passed, live: competition.dry_run?.state === "running", lines: <p><b>{competition.name}</b><br />{line}</p>, foot: <Link className="next" to={`/projects/${projectId}/evaluation/competitions/${competition.id}`}>{t("openCompetition")}</Link> };
  }
  if (bundles[0]) return { name: "deployment", done: true, live: false, lines: <p><b>{t("bundleCount", { count: bundles.length })}</b><br />{t("bundleOf", { name: bundles[0].experiment_name, epoch: bundles[0].epoch })}</p>, foot: enter };
  return { name: "deployment", done: false, live: false, lines: <p>{hasCheckpoint ? t("modelReady") : t("nothingDeployed")}</p>, foot: enter };
}

function Bar({ share, label }: { share: number; label: string }) {
  const value = Math.round(share * 100);
  return <div className="bar" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={value}><span style={{ width: `${value}%` }} /></div>;
}
