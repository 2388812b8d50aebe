/** `Continue as a new run`: which checkpoint to begin with, how many more epochs, with which settings. */
import { Modal, NumberInput, Radio } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";

import { api, type Schemas, unwrap } from "@/api/client";
import { catalogueQuery } from "@/api/queries";
import { problemLine } from "@/i18n";
import type { ParameterCard, ParamValue, Settings } from "@/model/document";
import { FieldFaults } from "@/model/fieldFaults";
import { settingGroups } from "@/model/settingGroups";
import { CardField } from "@/ui/CardField";
import { Icon } from "@/ui/Icon";
import { ErrorNote } from "@/ui/ProblemNote";
import { SettingGroups } from "@/ui/SettingGroups";

import { useFollowUpRun } from "./runActions";
import { newestCheckpoint } from "./runWords";
import type { Run } from "./series";

type Props = { run: Run | undefined; onClose: () => void; onStarted: (runId: string) => void };

/** What is changed most often; everything else is one step away. */
const MAIN = ["learning_rate", "batch_size"];

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
  const [changes, setChanges] = useState<Record<string, ParamValue>>({});
  const [faults] = useState(() => new FieldFaults());
  const isAtFault = useSyncExternalStore(faults.subscribe, faults.all).length > 0;
  const wanted: Schemas["RunFollowUp"] = { start, epochs: Number(epochs), settings: changes };
  const isWhole = typeof epochs === "number" && epochs > 0;
  const outlook = useQuery({
    queryKey: ["follow-up", run.id, wanted],
    queryFn: () => unwrap(api.POST("/api/v1/runs/{run_id}/follow-up-outlook", { params: { path: { run_id: run.id } }, body: wanted })),
    enabled: isWhole,
    placeholderData: keepPreviousData,
    retry: false,
  });
  // What is refused has no outlook: the fields that mend it stay.
  const [known, setKnown] = useState(outlook.data);
  if (outlook.data && outlook.data !== known) setKnown(outlook.data);
  const submit = () => follow.mutate({ runId: run.id, wanted }, { onSuccess: (made) => onStarted(made.id) });
  return (
    <div className="ev-dialog">
      <p className="mut">{t("followUpWords")}</p>
      <Radio.Group label={t("followUpStart")} value={start} onChange={(value) => setStart(value as "best" | "last")}>
        {last ? <Radio value="last" label={t("followUpLast", { epoch: last.epoch })} /> : null}
        {best && best.epoch !== last?.epoch ? <Radio value="best" label={t("followUpBest", { epoch: best.epoch })} /> : null}
      </Radio.Group>
      <NumberInput label={t("followUpEpochs")} value={epochs} onChange={setEpochs} min={1} max={100_000} allowDecimal={false} data-autofocus />
      <OtherSettings run={run} changes={changes} onChange={setChanges} outlook={known} faults={faults} />
      {outlook.data && !outlook.error && isWhole && !isAtFault ? <Outlook outlook={outlook.data} /> : null}
      <div className="ev-dialog-foot">
        <ErrorNote error={follow.error ?? outlook.error} />
        <button type="button" className="btn lg" onClick={onClose}>{t("cancel")}</button>
        <button type="button" className="btn primary lg" disabled={!isWhole || isAtFault || outlook.isError || follow.isPending} onClick={submit}>{t("followUpRun")}</button>
      </div>
    </div>
  );
}

type OtherProps = { run: Run; changes: Record<string, ParamValue>; onChange: (changes: Record<string, ParamValue>) => void; outlook: Schemas["FollowUpOutlook"] | undefined; faults: FieldFaults };

/** Learning rate and batch size; the rest unfolds, in the groups of the Settings tab. */
function OtherSettings({ run, changes, onChange, outlook, faults }: OtherProps) {
  const { t } = useTranslation("evaluation");
  const cards = useQuery(catalogueQuery).data?.settings ?? [];
  const [open, setOpen] = useState(false);
  const settings = { ...run.settings, ...changes } as Settings;
  const valueOf = (name: string) => settings[name as keyof Settings] as ParamValue | undefined;
  const change = (name: string, value: ParamValue) => {
    const all = { ...changes, [name]: value };
    onChange(Object.fromEntries(Object.entries(all).filter(([each, now]) => now !== run.settings[each as keyof Settings])));
  };
  const field = (card: ParameterCard) => (
    <CardField key={card.name} card={card} value={valueOf(card.name)} onChange={(value) => change(card.name, value)} faults={faults} eager {...(card.name === "weight_feature" ? { options: weights } : {})} />
  );
  const weights = [{ value: "", label: t("noWeights") }, ...(outlook?.weight_features ?? []).map((name) => ({ value: name, label: name }))];
  const rest = cards.filter((card) => outlook?.changeable.includes(card.name) && !MAIN.includes(card.name)).map((card) => choicesOf(run, card));
  return (
    <>
      <div className="fields ev-main-fields">{MAIN.map((name) => cards.find((card) => card.name === name)).map((card) => card && field(card))}</div>
      <button type="button" className="ev-more" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="right" />{t("followUpMore")}
      </button>
      {open ? <SettingGroups groups={settingGroups(rest, settings, [])} field={field} folded /> : null}
    </>
  );
}

/** Of the metrics those that the run has. */
function choicesOf(run: Run, card: ParameterCard): ParameterCard {
  if (card.name !== "best_by") return card;
  return { ...card, choices: (card.choices ?? []).filter(({ value }) => value === "auto" || run.metric_names.includes(value)) };
}

/** What goes on as it was, and what begins anew. */
function Outlook({ outlook }: { outlook: Schemas["FollowUpOutlook"] }) {
  const { t } = useTranslation("evaluation");
  const { first_epoch: first, last_epoch: last, keeps_optimizer: keepsOptimizer, keeps_schedule: keepsSchedule, settings } = outlook;
  const isFlat = settings.schedule === "constant" && settings.warmup === 0;
  return (
    <ul className="ev-outlook" aria-live="polite">
      <li>{t("outlookEpochs", { first, last })}</li>
      <li>{t(keepsOptimizer ? "outlookOptimizerKept" : "outlookOptimizerAnew")}</li>
      {isFlat ? null : <li>{keepsSchedule ? t("outlookScheduleKept", { last }) : t("outlookScheduleAnew", { first, last })}</li>}
      {outlook.warnings?.map((warning) => <li key={warning.code} className="ev-outlook-warning"><Icon name="info" size={12} /><span>{problemLine(warning)}</span></li>)}
    </ul>
  );
}
