/** A dataset that is coming in, and the report of what came in and what did not. */
import { Modal } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, API_PREFIX, type Schemas, unwrap } from "@/api/client";
import { describeProblem } from "@/i18n";
import { Icon } from "@/ui/Icon";
import { duration, number, percent, rate } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";

import { ImportProblem } from "./TableChoice";

type Dataset = Schemas["Dataset"];
type Job = Schemas["Job"];
const POLL_MS = 700;
const SHOWN_PROBLEMS = 200;

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
      {dataset.report ? <ReportBody dataset={dataset} report={dataset.report} /> : null}
    </section>
  );
}

export function ReportDialog({ dataset, opened, onClose }: { dataset: Dataset; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation("datasets");
  return (
    <Modal opened={opened} onClose={onClose} title={t("importReport")} size={680} centered closeButtonProps={{ "aria-label": t("close") }}>
      {dataset.report ? <ReportBody dataset={dataset} report={dataset.report} /> : null}
    </Modal>
  );
}

function ReportBody({ dataset, report }: { dataset: Dataset; report: Schemas["ImportReport"] }) {
  const { t } = useTranslation("datasets");
  const panels = useTranslation("panels").t;
  return (
    <div className="ds-report">
      <dl className="kv ds-figures">
        <dt>{t("filesFound")}</dt><dd className="num">{number(report.files_found)}</dd>
        <dt>{t("rowsFound")}</dt><dd className="num">{number(report.rows_found)}</dd>
        <dt>{t("rowsTaken")}</dt><dd className="num">{number(report.rows_taken)}</dd>
        {report.delimiter ? <><dt>{panels("delimiter")}</dt><dd>{panels(`delimiters.${report.delimiter === "\t" ? "tab" : report.delimiter}`)}</dd></> : null}
        <dt>{t("rowsNotTaken")}</dt><dd className="num">{number(report.rows_found - report.rows_taken)}</dd>
      </dl>
      <div className="row">
        <ReportCounts report={report} />
        <span className="sp" />
        {report.problem_count + (report.notes?.length ?? 0) ? <ReportLink datasetId={dataset.id} /> : null}
      </div>
      {report.problem_count ? (
        <ul className="ds-problems" aria-label={t("leftOutList")}>
          {report.problems.slice(0, SHOWN_PROBLEMS).map((each, place) => {
            const words = describeProblem(each.problem);
            // Most messages begin with the name: it stands once.
            const said = words.message.startsWith(each.item) ? words.message.slice(each.item.length) : ` ${words.message}`;
            return <li key={place}><b className="b6">{each.item}</b><span className="mut">{said} {words.fix}</span></li>;
          })}
          {report.problem_count > SHOWN_PROBLEMS ? <li className="mut">{t("moreInCsv", { count: report.problem_count - SHOWN_PROBLEMS, more: number(report.problem_count - SHOWN_PROBLEMS) })}</li> : null}
        </ul>
      ) : null}
      {report.notes?.length ? (
        <ul className="ds-remarks t12 mut" aria-label={t("remarkList")}>
          {report.notes.map((note, place) => <li key={place} className="row"><Icon name="info" /><span>{describeProblem(note).message} {describeProblem(note).fix}</span></li>)}
        </ul>
      ) : null}
    </div>
  );
}

/** How much was left out and how much is remarked on; the panel and the report count alike. */
export function ReportCounts({ report }: { report: Schemas["ImportReport"] }) {
  const { t } = useTranslation("datasets");
  const remarks = report.notes?.length ?? 0;
  return (
    <p className="ds-counts t12 num">
      {report.problem_count ? <span className="st warn"><Icon name="warn" size={12} />{t("leftOut", { count: report.problem_count, items: number(report.problem_count) })}</span> : <span className="st"><Icon name="check" size={12} />{t("noneLeftOut")}</span>}
      {remarks ? <span className="st"><Icon name="info" size={12} />{t("remarks", { count: remarks, remarks: number(remarks) })}</span> : null}
    </p>
  );
}

function ReportLink({ datasetId }: { datasetId: string }) {
  const { t, i18n } = useTranslation("datasets");
  const address = `${API_PREFIX}/datasets/${datasetId}/import-report.csv?language=${i18n.language === "zh" ? "zh" : "en"}`;
  return <a className="btn sm" href={address} download="import-report.csv"><Icon name="download" size={12} />{t("downloadCsv")}</a>;
}
