/** `Download model`: choose run, format and checkpoint; the file comes by itself once the worker has made it. */
import { Modal, Radio, Select } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, API_PREFIX, type Schemas, unwrap } from "@/api/client";
import { bundlesQuery, jobsQuery, keys } from "@/api/queries";
import { Icon } from "@/ui/Icon";
import { bytes, duration, metricValue, number } from "@/ui/measures";
import { ErrorNote, ProblemNote } from "@/ui/ProblemNote";

import { bestCheckpoint, bestWords, metricName, newestCheckpoint } from "./runWords";
import type { Named, Run } from "./series";

type Bundle = Schemas["Bundle"];

export type DownloadDialogProps = { named: readonly Named[]; best: readonly Run[]; runId: string | null; onClose: () => void };

export function DownloadDialog({ named, best, runId, onClose }: DownloadDialogProps) {
  const { t } = useTranslation("evaluation");
  return (
    <Modal opened={runId !== null} onClose={onClose} title={t("downloadModel")} size={520} centered closeButtonProps={{ "aria-label": t("close") }}>
      {runId ? <DownloadForm named={named} best={best} firstRunId={runId} onClose={onClose} /> : null}
    </Modal>
  );
}

function DownloadForm({ named, best, firstRunId, onClose }: Omit<DownloadDialogProps, "runId"> & { firstRunId: string }) {
  const { t } = useTranslation("evaluation");
  const client = useQueryClient();
  const [runId, setRunId] = useState(firstRunId);
  const ready = named.filter(({ run }) => run.checkpoints.length > 0);
  const run = ready.find((each) => each.run.id === runId)?.run;
  const [checkpointId, setCheckpointId] = useState(run ? bestCheckpoint(run)?.id : undefined);
  const make = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/bundles", { body: { run_id: runId, checkpoint_id: checkpointId ?? null, averaged: false, format: "h5" } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.bundles(run?.project_id ?? "") }),
  });
  const chooseRun = (id: string | null) => {
    const next = ready.find((each) => each.run.id === id)?.run;
    if (!next) return;
    setRunId(next.id);
    setCheckpointId(bestCheckpoint(next)?.id);
  };
  if (!run) return <p className="mut">{t("noCheckpointYet")}</p>;
  if (make.data) return <BundleProgress first={make.data} projectId={run.project_id} onClose={onClose} />;
  return (
    <form className="ev-dialog" onSubmit={(event) => { event.preventDefault(); make.mutate(); }}>
      <Select
        label={t("run")} allowDeselect={false} value={runId} onChange={chooseRun} comboboxProps={{ shadow: "md" }}
        data={ready.map((each) => ({ value: each.run.id, label: best.includes(each.run) ? t("nameBest", { name: each.name, best: bestWords(each.run, best, t) }) : each.name }))}
      />
      <Radio.Group label={t("format")} defaultValue="h5">
        <Radio value="h5" label={t("formatH5")} description={t("formatH5Words")} />
      </Radio.Group>
      <CheckpointChoice run={run} value={checkpointId} onChange={setCheckpointId} />
      <div>
        <h3>{t("bundleHolds")}</h3>
        <p className="t12 mut">{t("bundleHoldsWords")}</p>
      </div>
      <ErrorNote error={make.error} />
      <div className="ev-dialog-foot">
        <button type="button" className="btn lg" onClick={onClose}>{t("cancel")}</button>
        <button type="submit" className="btn primary lg" disabled={make.isPending}>{t("ok")}</button>
      </div>
    </form>
  );
}

function CheckpointChoice({ run, value, onChange }: { run: Run; value: string | undefined; onChange: (id: string) => void }) {
  const { t } = useTranslation("evaluation");
  const best = bestCheckpoint(run);
  const newest = newestCheckpoint(run);
  const words = (checkpoint: Run["checkpoints"][number]) => {
    const metrics = run.epochs.find((each) => each.epoch === checkpoint.epoch)?.validation;
    return t("checkpointWords", { epoch: checkpoint.epoch, metric: metricName(run.best_by, t), value: metricValue(metrics?.[run.best_by]), size: bytes(checkpoint.bytes) });
  };
  return (
    <Radio.Group label={t("checkpoint")} value={value} onChange={onChange}>
      {best ? <Radio value={best.id} label={t("bestCheckpoint")} description={words(best)} /> : null}
      {newest && newest.id !== best?.id ? <Radio value={newest.id} label={t("lastCheckpoint")} description={words(newest)} /> : null}
    </Radio.Group>
  );
}

/** Hand a file of the studio to the browser's own download. */
function saveFile(address: string, name: string): void {
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = name;
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
}

export function BundleProgress({ first, projectId, onClose }: { first: Bundle; projectId: string; onClose: () => void }) {
  const { t } = useTranslation("evaluation");
  const bundle = useQuery(bundlesQuery(projectId)).data?.find((each) => each.id === first.id) ?? first;
  const sent = useRef(false);
  const modelAddress = `${API_PREFIX}/bundles/${bundle.id}/files/model.h5`;
  useEffect(() => {
    if (bundle.state !== "ready" || sent.current) return;
    sent.current = true;
    saveFile(modelAddress, "model.h5");
  }, [bundle.state, modelAddress]);
  const model = bundle.files.find((file) => file.name === "model.h5");
  return (
    <div className="ev-dialog">
      {bundle.state === "making" ? <MakingLine bundle={bundle} /> : null}
      {bundle.problem ? <ProblemNote problem={bundle.problem} /> : null}
      {bundle.state === "ready" ? (
        <>
          <p className="row"><span className="st live"><Icon name="check" size={12} />{t("downloadStarted")}</span></p>
          <dl className="kv ev-bundle">
            <dt>{t("file")}</dt><dd><a className="ev-link" href={modelAddress} download="model.h5">model.h5</a> <span className="dim">{model ? bytes(model.bytes) : null}</span></dd>
            <dt>SHA-256</dt><dd className="ev-hash">{model?.sha256}</dd>
            <dt>{t("opensWith")}</dt><dd><code>keras.models.load_model("model.h5")</code></dd>
          </dl>
          <div>
            <h3>{t("bundleBeside", { count: bundle.files.length, numbers: number(bundle.files.length) })}</h3>
            <p className="t12 mut">{bundle.files.map((file) => file.name).join(", ")}</p>
          </div>
        </>
      ) : null}
      <div className="ev-dialog-foot">
        {bundle.state === "ready" ? (
          <a className="btn lg" href={`${API_PREFIX}/bundles/${bundle.id}/bundle.zip`} download="bundle.zip"><Icon name="download" />{t("bundleZip")}</a>
        ) : null}
        <button type="button" className="btn lg" onClick={onClose}>{t("close")}</button>
      </div>
    </div>
  );
}

function MakingLine({ bundle }: { bundle: Bundle }) {
  const { t } = useTranslation("evaluation");
  const job = useQuery(jobsQuery).data?.find((each) => each.id === bundle.job_id);
  const words = job?.state === "queued" ? t("bundleQueued", { place: job.queue_place ?? 1 }) : t("bundleMaking");
  return (
    <div className="ev-making" role="status">
      <div className="bar"><span style={{ width: `${Math.max(4, (job?.done ?? 0) * 100)}%` }} /></div>
      <p className="t12 mut">{words} {job?.seconds_left ? t("timeLeft", { time: duration(job.seconds_left) }) : null}</p>
    </div>
  );
}
