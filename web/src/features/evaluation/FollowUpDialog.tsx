/** `Continue as a new run`: which checkpoint to begin with, how many more epochs, with which settings. */
import { Modal, NumberInput, Radio } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ErrorNote } from "@/ui/ProblemNote";

import { useFollowUpRun } from "./runActions";
import { newestCheckpoint } from "./runWords";
import type { Run } from "./series";

type Props = { run: Run | undefined; onClose: () => void; onStarted: (runId: string) => void };

export function FollowUpDialog({ run, ...rest }: Props) {
  const { t } = useTranslation("evaluation");
  return (
    <Modal opened={run !== undefined} onClose={rest.onClose} title={t("followUpTitle")} size={480} centered closeButtonProps={{ "aria-label": t("close") }}>
      {run ? <FollowUpForm key={run.id} run={run} {...rest} /> : null}
    </Modal>
  );
}

function FollowUpForm({ run, onClose, onStarted }: Props & { run: Run }) {
  const { t } = useTranslation("evaluation");
  const follow = useFollowUpRun(run.project_id);
  const best = run.checkpoints.find((each) => each.is_best);
  const last = newestCheckpoint(run);
  const [start, setStart] = useState<"best" | "last">("last");
  const [epochs, setEpochs] = useState<number | string>(Math.max(1, Math.min(10, run.settings.epochs ?? 10)));
  const [rate, setRate] = useState<number | string>(run.settings.learning_rate ?? 0.001);
  const [batch, setBatch] = useState<number | string>(run.settings.batch_size ?? 28);
  const isWhole = [epochs, rate, batch].every((value) => typeof value === "number" && value > 0);
  const submit = () => follow.mutate(
    { runId: run.id, wanted: { start, epochs: Number(epochs), learning_rate: Number(rate), batch_size: Number(batch) } },
    { onSuccess: (made) => onStarted(made.id) },
  );
  return (
    <form className="ev-dialog" onSubmit={(event) => { event.preventDefault(); submit(); }}>
      <p className="mut">{t("followUpWords")}</p>
      <Radio.Group label={t("followUpStart")} value={start} onChange={(value) => setStart(value as "best" | "last")}>
        {last ? <Radio value="last" label={t("followUpLast", { epoch: last.epoch })} /> : null}
        {best && best.epoch !== last?.epoch ? <Radio value="best" label={t("followUpBest", { epoch: best.epoch })} /> : null}
      </Radio.Group>
      <NumberInput label={t("followUpEpochs")} value={epochs} onChange={setEpochs} min={1} max={100_000} allowDecimal={false} data-autofocus />
      <NumberInput label={t("followUpRate")} value={rate} onChange={setRate} min={0} max={100} decimalScale={10} step={0.0001} />
      <NumberInput label={t("followUpBatch")} value={batch} onChange={setBatch} min={1} max={65_536} allowDecimal={false} />
      <ErrorNote error={follow.error} />
      <div className="ev-dialog-foot">
        <button type="button" className="btn lg" onClick={onClose}>{t("cancel")}</button>
        <button type="submit" className="btn primary lg" disabled={!isWhole || follow.isPending}>{t("followUpRun")}</button>
      </div>
    </form>
  );
}
