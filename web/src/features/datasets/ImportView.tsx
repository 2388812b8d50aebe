/** A dataset that is coming in, or did not come in. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, type Schemas, unwrap } from "@/api/client";
import { duration, number, percent, rate } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";

import { ReportBody } from "./ImportReports";
import { refusedCsv } from "./imports";
import { ImportProblem } from "./TableChoice";

type Dataset = Schemas["Dataset"];
type Job = Schemas["Job"];
const POLL_MS = 700;

export function useJob(jobId: string | null | undefined) {
  return useQuery({
    queryKey: ["job", jobId],
    queryFn: () => unwrap(api.GET("/api/v1/jobs/{job_id}", { params: { path: { job_id: jobId ?? "" } } })),
    enabled: Boolean(jobId),
    refetchInterval: (asked) => (asked.state.data && !["queued", "running"].includes(asked.state.data.state) ? false : POLL_MS),
  });
}

function jobWords(job: Job, t: (key: string, params?: Record<string, unknown>) => string): string {
  if (job.state === "queued") return t("waitingPlace", { place: job.queue_place ?? 1 });
  const parts = [t("doneOf", { done: number(job.done_units ?? 0), total: number(job.total_units ?? 0), unit: t(`unit.${job.unit || "rows"}`) })];
  if (job.rate) parts.push(t("perSecond", { rate: rate(job.rate), unit: t(`unit.${job.unit || "rows"}`) }));
  if (job.seconds_left) parts.push(t("timeLeft", { time: duration(job.seconds_left) }));
  return parts.join(" · ");
}

export function JobLine({ jobId, label, thin }: { jobId: string | null | undefined; label: string; thin?: boolean }) {
  const { t } = useTranslation("datasets");
  const job = useJob(jobId);
  const done = job.data?.done ?? 0;
  return (
    <div className="ds-job" role="status">
      {thin ? null : <p className="row"><b className="b6">{label}</b><span className="sp" /><span className="num b5">{percent(done)}</span></p>}
      <div className={thin ? "bar thin" : "bar"} role="progressbar" aria-label={label} aria-valuenow={Math.floor(done * 100)} aria-valuemin={0} aria-valuemax={100}><span style={{ width: `${Math.max(2, done * 100)}%` }} /></div>
      <p className="t12 mut num">{job.data ? jobWords(job.data, t) : null}</p>
    </div>
  );
}

export function ImportView({ dataset }: { dataset: Dataset }) {
  const { t } = useTranslation("datasets");
  const cancel = useMutation({ mutationFn: () => unwrap(api.POST("/api/v1/jobs/{job_id}/cancel", { params: { path: { job_id: dataset.job_id ?? "" } } })) });
  return (
    <section className="ds-alone">
      <h1>{dataset.name}</h1>
      {dataset.state === "importing" ? (
        <>
          <JobLine jobId={dataset.job_id} label={t("importing")} />
          <p className="mut">{t("importSafe")}</p>
          <div><button type="button" className="btn" disabled={!dataset.job_id || cancel.isPending || cancel.isSuccess} onClick={() => cancel.mutate()}>{t(cancel.isPending || cancel.isSuccess ? "cancelling" : "cancelImport")}</button></div>
          <ErrorNote error={cancel.error} />
        </>
      ) : null}
      {dataset.state === "failed" && !dataset.problem ? <p className="mut">{t("importCancelled")}</p> : null}
      {dataset.problem ? <ImportProblem projectId={dataset.project_id} datasetId={dataset.id} problem={dataset.problem} /> : null}
      {dataset.state === "failed" && dataset.report ? <ReportBody report={dataset.report} csv={refusedCsv(dataset.id)} /> : null}
    </section>
  );
}
