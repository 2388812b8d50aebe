/** What the studio needs to enter a competition: its sample submission, its test audio, and a model. */
import { Select } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { api, type Schemas, unwrap } from "@/api/client";
import { keys, systemQuery } from "@/api/queries";
import { ButtonWithReason } from "@/ui/ButtonWithReason";
import { metricValue } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";

import { FileField } from "./FileField";
import { useFileUpload } from "./useFileUpload";

const FIRST_SLUG = "freesound-audio-tagging-2019";

export type EntryFormProps = { projectId: string; runs: readonly Schemas["Run"][]; bestId: string | null; wantedRunId: string | null; averaged: boolean };

export function EntryForm({ projectId, runs, bestId, wantedRunId, averaged }: EntryFormProps) {
  const { t } = useTranslation("competition");
  const navigate = useNavigate();
  const client = useQueryClient();
  const system = useQuery(systemQuery);
  const sample = useFileUpload();
  const audio = useFileUpload();
  const ready = runs.filter((run) => run.checkpoints.length > 0);
  const first = ready.find((run) => run.id === wantedRunId) ?? ready.find((run) => run.id === bestId) ?? ready[0];
  const [fields, setFields] = useState({ name: "", slug: FIRST_SLUG, user: "", folder: "", runId: first?.id ?? "" });
  const set = (change: Partial<typeof fields>) => setFields({ ...fields, ...change });
  const make = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/projects/{project_id}/competitions", { params: { path: { project_id: projectId } }, body: wanted() })),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: keys.competitions(projectId) });
      void navigate(`/projects/${projectId}/evaluation/competitions/${made.id}`);
    },
  });
  const wanted = (): Schemas["CompetitionCreate"] => ({
    name: fields.name.trim(), run_id: fields.runId, averaged: averaged && fields.runId === wantedRunId, competition_slug: fields.slug,
    sample_submission_upload_id: sample.uploadId, test_audio_upload_id: fields.folder ? null : audio.uploadId, test_audio_path: fields.folder.trim() || null,
    kaggle_user: fields.user.trim() || "your-kaggle-name",
  });
  const missing = missingWords();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!missing) make.mutate();
  };

  function missingWords(): string | null {
    if (!first) return t("needsModel");
    if (!fields.name.trim()) return t("needsName");
    if (!sample.file) return t("needsSample");
    if (!audio.file && !fields.folder.trim()) return t("needsAudio");
    if (!sample.uploadId || (!fields.folder.trim() && !audio.uploadId)) return t("needsUpload");
    return null;
  }

  return (
    <form className="co-form" onSubmit={submit}>
      <div>
        <h1>{t("enterCompetition")}</h1>
        <p className="mut">{t("formWords")}</p>
      </div>
      <section className="card co-part" aria-labelledby="co-competition">
        <h2 id="co-competition">{t("step.competition")}</h2>
        <TextField label={t("competitionName")} value={fields.name} onChange={(name) => set({ name })} placeholder="Freesound 2019" maxLength={50} required />
        <FileField label={t("sampleSubmission")} hint={t("sampleHint")} accept=".csv,text/csv" upload={sample} />
        <FileField label={t("testAudio")} hint={t("audioHint")} accept=".zip,application/zip" upload={audio} />
        {system.data?.local_paths_allowed ? <TextField label={t("folderHere")} hint={t("folderHint")} value={fields.folder} onChange={(folder) => set({ folder })} placeholder="~/freesound/test" /> : null}
        <div className="co-pair">
          <TextField label={t("competitionAddress")} hint={t("addressHint")} prefix="kaggle.com/competitions/" value={fields.slug} onChange={(slug) => set({ slug })} pattern="[a-z0-9\-]{3,80}" required />
          <TextField label={t("kaggleUser")} hint={t("userHint")} value={fields.user} onChange={(user) => set({ user })} pattern="[A-Za-z0-9_\-]{1,64}" />
        </div>
      </section>
      <section className="card co-part" aria-labelledby="co-model">
        <h2 id="co-model">{t("step.model")}</h2>
        <Select label={t("run")} allowDeselect={false} disabled={!first} value={fields.runId} onChange={(runId) => set({ runId: runId ?? fields.runId })} data={ready.map((run) => ({ value: run.id, label: runWords(run, bestId, t) }))} />
        <p className="t12 dim">{averaged && fields.runId === wantedRunId ? t("averagedHint") : t("modelHint")}</p>
      </section>
      <ErrorNote error={make.error} />
      <div className="co-foot">
        <ButtonWithReason type="submit" className="btn primary lg" why={missing} busy={make.isPending}>{t("create")}</ButtonWithReason>
      </div>
    </form>
  );
}

function runWords(run: Schemas["Run"], bestId: string | null, t: ReturnType<typeof useTranslation<"competition">>["t"]): string {
  const words = t("runWords", { name: run.experiment_name, number: run.number, epoch: run.best_epoch ?? run.epochs.at(-1)?.epoch ?? 1, metric: run.best_by, value: metricValue(run.best_value) });
  return run.id === bestId ? t("runBest", { words }) : words;
}

type TextFieldProps = { label: string; value: string; onChange: (value: string) => void; hint?: string; prefix?: ReactNode; placeholder?: string; pattern?: string; maxLength?: number; required?: boolean };

function TextField({ label, value, onChange, hint, prefix, ...rest }: TextFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label className="co-label" htmlFor={id}>{label}</label>
      <div className="input">
        {prefix ? <span className="dim co-prefix">{prefix}</span> : null}
        <input id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)} aria-describedby={hint ? `${id}-hint` : undefined} autoComplete="off" spellCheck={false} {...rest} />
      </div>
      {hint ? <p className="t12 dim" id={`${id}-hint`}>{hint}</p> : null}
    </div>
  );
}
