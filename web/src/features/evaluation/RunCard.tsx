/** The chosen run: its name, its state in words, how far it is, and what a person can do about it. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Problem } from "@/api/client";
import { useLost } from "@/api/events";
import { groupsQuery, jobsQuery, recentRunsQuery } from "@/api/queries";
import { describeProblem } from "@/i18n";
import { runShare } from "@/model/runShare";
import { untrained } from "@/model/untrained";
import { Icon, Mark } from "@/ui/Icon";
import { clock, duration, metricValue, number, preciseDuration, rate } from "@/ui/measures";
import { ErrorNote, ProblemNote } from "@/ui/ProblemNote";
import { trainingSeconds } from "@/ui/runTime";
import { useNow } from "@/ui/useNow";

import { Interruptions } from "./Interruptions";
import { Hints } from "./Hints";
import { remedies } from "./remedies";
import { RemedyButtons } from "./RemedyButtons";
import { RunMarker } from "./RunMarker";
import { canPause, canStop, checkpointSince, isLive, isOnlyNoted, metricName, newestCheckpoint, stateNow } from "./runWords";
import { useContinueRun, usePauseRun, useRemedy, useStopRun } from "./runActions";
import { epochCells, type Named, type Run } from "./series";

export function RunCard({ named: { run, name, style }, all }: { named: Named; all: readonly Named[] }) {
  const { t } = useTranslation("evaluation");
  const stop = useStopRun(run.project_id);
  const pause = usePauseRun(run.project_id);
  const goOn = useContinueRun(run.project_id);
  const lost = useLost();
  const newest = newestCheckpoint(run);
  const offers = remedies(run);
  const remedy = useRemedy(run);
  const goOnButton = offers.length ? (
    <RemedyButtons offers={offers} remedy={remedy} />
  ) : run.can_continue ? (
    <button type="button" className="btn" disabled={lost || goOn.isPending} onClick={() => goOn.mutate(run.id)}>
      <Icon name="play" size={12} />{run.state === "paused" ? t("resume") : newest ? t("continueAfterEpoch", { epoch: newest.epoch }) : t("continueTraining")}
    </button>
  ) : null;
  return (
    <section className="card ev-card" aria-labelledby="ev-run-name">
      <div className="row ev-card-head">
        <RunMarker style={style} size={14} />
        <h1 id="ev-run-name" className="ell" title={name}>{name}</h1>
        <StateShown run={run} />
        <span className="sp" />
        <div className="row ev-card-actions">
          {run.problem ? null : goOnButton}
          {canPause(run) ? (
            <button type="button" className="btn" disabled={lost || pause.isPending} onClick={() => pause.mutate(run.id)}><Icon name="pause" />{t("pause")}</button>
          ) : null}
          {canStop(run) ? (
            <button type="button" className="btn" disabled={lost || stop.isPending} onClick={() => stop.mutate(run.id)}>
              <Icon name="stop" />{run.state === "queued" ? t("leaveQueue") : t("stop")}
            </button>
          ) : null}
        </div>
      </div>
      {run.state === "queued" || untrained(run) === "neverStarted" ? null : <EpochBar run={run} />}
      <RunLine run={run} all={all} />
      {run.continues ? <p className="ev-line-of-run dim">{t("continuesRun", { number: run.continues.number, epoch: run.continues.epoch })}</p> : null}
      <Interruptions run={run} />
      <TrialLine run={run} />
      {run.problem ? isOnlyNoted(run) ? <PlainNote problem={run.problem}>{goOnButton}</PlainNote> : <ProblemNote problem={run.problem}>{goOnButton}</ProblemNote> : null}
      <Hints run={run} goOn={goOnButton} />
      <ErrorNote error={stop.error ?? remedy.error ?? pause.error ?? goOn.error} />
    </section>
  );
}

/** Which trial of which group the run is, with the way back to it. */
function TrialLine({ run }: { run: Run }) {
  const { t } = useTranslation("groups");
  const group = useQuery(groupsQuery(run.project_id)).data?.find((each) => each.id === run.group_id);
  if (!group || !run.trial) return null;
  return <p className="t12"><Link className="ev-link" to={`?group=${group.id}`} replace>{t("ofGroup", { number: run.trial.number, name: group.name })}</Link></p>;
}

/** Said of a run without being a failure: a limit that ended it, a search that stopped its trial early. */
function PlainNote({ problem, children }: { problem: Problem; children: ReactNode }) {
  const words = describeProblem(problem);
  return <div className="note"><Icon name="info" /><div className="sp"><p className="b5">{words.message}</p><p className="mut">{words.fix}</p></div>{children}</div>;
}

function StateShown({ run }: { run: Run }) {
  const { t } = useTranslation("evaluation");
  // The place in the queue stands below.
  const { mark, tone, words } = stateNow({ ...run, queue_place: null }, useLost(), t);
  return <span className={`st ${tone}`} role="status"><Mark name={mark} />{words}</span>;
}

function EpochBar({ run }: { run: Run }) {
  const { t } = useTranslation("evaluation");
  const share = Math.floor(runShare(run) * 100);
  const cells = epochCells(run);
  return (
    <div className="ev-epochs" role="progressbar" aria-label={t("progress")} aria-valuemin={0} aria-valuemax={100} aria-valuenow={share} style={{ gridTemplateColumns: `repeat(${cells.length}, 1fr)` }}>
      {cells.map((fill, place) => <i key={place}><b style={{ width: `${fill * 100}%` }} /></i>)}
    </div>
  );
}

function RunLine({ run, all }: { run: Run; all: readonly Named[] }) {
  if (run.state === "queued") return <QueueLine run={run} all={all} />;
  if (isLive(run)) return <LiveLine run={run} />;
  if (run.state === "paused") return <PausedLine run={run} />;
  return <EndedLine run={run} />;
}

function QueueLine({ run, all }: { run: Run; all: readonly Named[] }) {
  const { t } = useTranslation("evaluation");
  const elsewhere = useQuery(recentRunsQuery);
  const nameOf = (each: Run) => all.find((named) => named.run.id === each.id)?.name ?? each.experiment_name;
  const known = new Map([...(elsewhere.data ?? []), ...all.map((named) => named.run)].map((each) => [each.id, each]));
  const ahead = [...known.values()].filter((each) => isLive(each) || (each.state === "queued" && (each.queue_place ?? 0) < (run.queue_place ?? Infinity)));
  const words = ahead.map((each) => (each.progress.seconds_left ? t("aheadWithTime", { name: nameOf(each), left: duration(each.progress.seconds_left) }) : nameOf(each)));
  return (
    <p className="ev-line-of-run">
      <b className="b6">{run.queue_place ? t("queuePlace", { place: run.queue_place }) : t("queueSoon")}</b>
      {words.length ? <span className="dim">{t("ahead", { names: words.join(", ") })}</span> : null}
      <span className="dim">{t("startsByItself")}</span>
    </p>
  );
}

function LiveLine({ run }: { run: Run }) {
  const { t } = useTranslation("evaluation");
  const now = useNow(true);
  const lost = useLost();
  const { epoch, step, steps_per_epoch: steps, examples_per_second: speed, seconds_left: left, seconds_of_all_epochs: ofAll } = run.progress;
  const job = useQuery(jobsQuery).data?.find((each) => each.kind === "train" && each.subject_id === run.id && each.started_at);
  const newest = checkpointSince(run, job?.started_at);
  const age = newest ? Math.max(0, (now - Date.parse(newest.created_at)) / 1000) : null;
  if (lost) return <LostLine run={run} at={now} />;
  if (run.state === "starting" || run.state === "recovering") return <p className="ev-line-of-run"><span>{t("startingWords")}</span><span className="dim">{t("safeToClose")}</span></p>;
  return (
    <p className="ev-line-of-run num">
      <span><b className="b6">{t("epochNumber", { epoch: Math.max(1, epoch) })}</b> <span className="dim">{steps ? t("ofEpochsStep", { epochs: run.settings.epochs, step, steps }) : t("ofEpochs", { epochs: run.settings.epochs })}</span></span>
      {speed ? <span><b className="b6">{rate(speed)}</b> <span className="dim">{t("examplesPerSecond")}</span></span> : null}
      <span className="dim">{age === null ? null : t("lastCheckpointAgo", { ago: duration(age) })} {t("safeToClose")}</span>
      <span className="sp" />
      {run.state === "stopping" ? <span>{t("stoppingWords")}</span> : null}
      {run.state === "pausing" ? <span>{t("pausingWords")}</span> : null}
      {left != null && run.state === "running" ? (
        <span><b className="b6">{duration(left)}</b> {t("left")} <span className="dim">· {t("endsAbout", { time: clock(new Date(now + left * 1000)) })}{ofAll == null ? null : t("byTimeLimit")}</span></span>
      ) : null}
    </p>
  );
}

/** Where the run was when the studio was last heard of; it may have got further since, or not. */
function LostLine({ run: { progress, settings }, at }: { run: Run; at: number }) {
  const { t } = useTranslation("evaluation");
  const { epoch, step, steps_per_epoch: steps } = progress;
  return (
    <p className="ev-line-of-run num">
      <span><b className="b6">{t("epochNumber", { epoch: Math.max(1, epoch) })}</b> <span className="dim">{steps ? t("ofEpochsStep", { epochs: settings.epochs, step, steps }) : t("ofEpochs", { epochs: settings.epochs })}</span></span>
      <span className="dim">{t("lostWords", { time: clock(new Date(at)) })}</span>
    </p>
  );
}

function PausedLine({ run }: { run: Run }) {
  const { t } = useTranslation("evaluation");
  const { epoch, step, steps_per_epoch: steps } = run.progress;
  return (
    <p className="ev-line-of-run num">
      {epoch ? <span><b className="b6">{t("epochNumber", { epoch })}</b> <span className="dim">{steps ? t("ofEpochsStep", { epochs: run.settings.epochs, step, steps }) : t("ofEpochs", { epochs: run.settings.epochs })}</span></span> : null}
      {run.problem ? null : <span className="dim">{t("pausedWords")}</span>}
    </p>
  );
}

function EndedLine({ run }: { run: Run }) {
  const { t } = useTranslation("evaluation");
  const seconds = trainingSeconds(run);
  const last = run.epochs.at(-1)?.epoch ?? 0;
  return (
    <p className="ev-line-of-run num">
      {untrained(run) === "neverStarted" ? <span className="dim">{t("neverStartedWords")}</span> : <span><b className="b6">{t("epochsDone", { count: last })}</b> <span className="dim">{t("ofEpochs", { epochs: number(run.settings.epochs) })}</span></span>}
      {run.best_value != null && run.best_epoch != null ? (
        <span><b className="b6">{metricName(run.best_by, t)} {metricValue(run.best_value)}</b> <span className="dim">{t("atBestEpoch", { epoch: run.best_epoch })}</span></span>
      ) : null}
      {seconds ? <span className="dim">{t("tookPerEpoch", { time: preciseDuration(seconds), perEpoch: preciseDuration(seconds / Math.max(1, run.epochs.length)) })}</span> : null}
      <span className="sp" />
      {run.checkpoints.length ? <span className="dim">{t("checkpointsKept", { count: run.checkpoints.length, numbers: number(run.checkpoints.length) })}</span> : null}
      {run.ended_at ? <span className="dim">{t("endedAt", { time: clock(new Date(run.ended_at)) })}</span> : null}
    </p>
  );
}
