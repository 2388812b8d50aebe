/** One competition: its folder in the making, the dry run at work, and what it found. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, type Schemas, unwrap } from "@/api/client";
import { jobsQuery, keys } from "@/api/queries";
import { Icon, Mark } from "@/ui/Icon";
import { clock, duration, number } from "@/ui/measures";
import { PrimaryAction } from "@/ui/PrimaryAction";
import { ErrorNote, ProblemNote } from "@/ui/ProblemNote";
import { useNow } from "@/ui/useNow";

import { DryRunResult } from "./DryRunResult";
import { FolderLink, SubmissionLink } from "./Folder";

type Competition = Schemas["Competition"];

export function CompetitionView({ competition }: { competition: Competition }) {
  const { t } = useTranslation("competition");
  const dryRun = competition.dry_run ?? null;
  const client = useQueryClient();
  const start = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/competitions/{competition_id}/dry-runs", { params: { path: { competition_id: competition.id } } })),
    onSuccess: (next) => client.setQueryData(keys.competition(competition.id), next),
  });
  const busy = dryRun?.state === "queued" || dryRun?.state === "running";
  const passed = dryRun?.state === "passed";
  if (competition.state === "preparing") return <Preparing competition={competition} />;
  if (competition.state === "failed") return <PreparingFailed competition={competition} />;
  const again = (
    <button type="button" className="btn lg" disabled={busy || start.isPending} onClick={() => start.mutate()}><Icon name="play" size={12} />{t("dryRunAgain")}</button>
  );
  return (
    <div className="co-middle">
      <PrimaryAction>
        {passed ? <SubmissionLink competition={competition} /> : null}
        <FolderLink competition={competition} primary={passed} />
        {dryRun ? null : <button type="button" className="btn primary lg" disabled={start.isPending} onClick={() => start.mutate()}><Icon name="play" size={12} />{t("step.dryRun")}</button>}
      </PrimaryAction>
      <header className="co-head">
        <div className="sp">
          <h1>{t(`title.${dryRun?.state ?? "ready"}`)}</h1>
          <p className="mut">{t(`words.${dryRun?.state ?? "ready"}`, { clips: number(dryRun?.total_clips || competition.test_clips) })}</p>
        </div>
        {dryRun && !busy ? again : null}
      </header>
      <ErrorNote error={start.error} />
      {dryRun?.problem ? <ProblemNote problem={dryRun.problem} /> : null}
      {busy && dryRun ? <DryRunProgress dryRun={dryRun} /> : null}
      {dryRun && !busy ? <DryRunResult competition={competition} dryRun={dryRun} /> : null}
      {dryRun ? null : <WhatDryRunDoes competition={competition} />}
    </div>
  );
}

function useJob(jobId: string | null | undefined) {
  return useQuery(jobsQuery).data?.find((job) => job.id === jobId);
}

function Preparing({ competition }: { competition: Competition }) {
  const { t } = useTranslation("competition");
  const job = useJob(competition.job_id);
  const words = job?.state === "queued" ? t("waitsForWorker", { place: job.queue_place ?? 1 }) : t("preparingWords");
  return (
    <div className="co-middle">
      <header className="co-head"><div className="sp"><h1>{t("preparingTitle")}</h1><p className="mut">{t("safeToClose")}</p></div></header>
      <section className="card co-progress" role="status">
        <span className="st live"><Mark name="live" />{words}</span>
        <div className="bar"><span style={{ width: `${Math.max(3, (job?.done ?? 0) * 100)}%` }} /></div>
        {job?.seconds_left != null ? <p className="t12 dim num">{t("timeLeft", { time: duration(job.seconds_left) })}</p> : null}
      </section>
    </div>
  );
}

function PreparingFailed({ competition }: { competition: Competition }) {
  const { t } = useTranslation("competition");
  return (
    <div className="co-middle">
      <header className="co-head"><h1>{t("preparingFailed")}</h1></header>
      {competition.problem ? <ProblemNote problem={competition.problem} /> : null}
      <p><Link className="btn" to={`/projects/${competition.project_id}/evaluation/competitions?run=${competition.run_id}`}>{t("startAgain")}</Link></p>
    </div>
  );
}

function DryRunProgress({ dryRun }: { dryRun: Schemas["DryRun"] }) {
  const { t } = useTranslation("competition");
  const job = useJob(dryRun.job_id);
  const now = useNow(true);
  // The job's count moves with every event; the competition is asked for less often.
  const done = Math.max(job?.done_units ?? 0, dryRun.done_clips ?? 0);
  const total = job?.total_units || (dryRun.total_clips ?? 0);
  const share = total ? done / total : 0;
  return (
    <section className="card co-progress" aria-label={t("step.dryRun")}>
      <div className="row">
        <span className="st live" role="status"><Mark name="live" />{job?.state === "queued" ? t("waitsForWorker", { place: job.queue_place ?? 1 }) : done > 0 && done >= total ? t("checking") : done > 0 ? t("predicting") : t("dryRunStarting")}</span>
        <span className="sp" />
        {job?.seconds_left ? <span className="t12 num"><b className="b6">{duration(job.seconds_left)}</b> {t("left")} <span className="dim">· {t("endsAbout", { time: clock(new Date(now + job.seconds_left * 1000)) })}</span></span> : null}
      </div>
      <div className="bar" role="progressbar" aria-label={t("progress")} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.floor(share * 100)}><span style={{ width: `${Math.max(2, share * 100)}%` }} /></div>
      <p className="t12 num">
        {total ? <><b className="b6">{t("clipsDone", { n: number(done) })}</b> <span className="dim">{t("ofClips", { n: number(total) })}</span> </> : null}
        <span className="dim">{t("safeToClose")}</span>
      </p>
    </section>
  );
}

function WhatDryRunDoes({ competition }: { competition: Competition }) {
  const { t } = useTranslation("competition");
  return (
    <section className="card co-part">
      <h2>{t("whatDryRun")}</h2>
      <ul className="co-what">
        <li><Icon name="lock" /><span>{t("what1")}</span></li>
        <li><Icon name="wave" /><span>{t("what2", { clips: number(competition.test_clips) })}</span></li>
        <li><Icon name="check" /><span>{t("what3")}</span></li>
        <li><Icon name="clock" /><span>{t("what4")}</span></li>
      </ul>
    </section>
  );
}
