/** Datasets: files brought in, understood, and frozen into versions. */
import "./datasets.css";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";

import { api, type Schemas, unwrap } from "@/api/client";
import { datasetsQuery, keys, versionQuery } from "@/api/queries";
import { Icon } from "@/ui/Icon";
import { PrimaryAction } from "@/ui/PrimaryAction";
import { ErrorNote } from "@/ui/ProblemNote";
import { useStanding } from "@/ui/standing";

import type { Version } from "./columns";
import { DatasetList } from "./DatasetList";
import { EmptyDatasets } from "./EmptyDatasets";
import { EditsProvider, useFeatureEdits } from "./featureEdits";
import { HealthPanel } from "./HealthPanel";
import { ImportsPanel, ReportDialog } from "./ImportReports";
import { importsQuery, toldImports } from "./imports";
import { ImportView, JobLine } from "./ImportView";
import { NewDatasetDialog } from "./NewDatasetDialog";
import { SubsetsPanel } from "./SubsetsPanel";
import { ImportProblem } from "./TableChoice";
import { UndoRedo } from "./UndoRedo";
import { LeavingProvider, useLeave, useLeaving } from "./useLeaving";
import { VersionView } from "./VersionView";

type Dataset = Schemas["Dataset"];
const POLL_MS = 800;

function newestVersion(dataset: Dataset | undefined): string | null {
  const byNumber = [...(dataset?.versions ?? [])].sort((a, b) => b.number - a.number);
  return byNumber[0]?.id ?? null;
}

export function DatasetsPage() {
  const params = useParams();
  const projectId = params["projectId"] ?? "";
  const navigate = useNavigate();
  const [adding, setAdding] = useState<Dataset | "new" | null>(null);
  useAskedForNew(() => setAdding("new"));
  const datasets = useQuery({
    ...datasetsQuery(projectId),
    refetchInterval: (asked) => (asked.state.data?.some((each) => each.state === "importing" || each.versions.some((version) => ["saving", "importing"].includes(version.state))) ? POLL_MS : false),
  });
  if (datasets.error) return <main className="ds-alone"><ErrorNote error={datasets.error} /></main>;
  if (!datasets.data) return <main aria-busy="true" />;
  const dataset = datasets.data.find((each) => each.id === params["datasetId"]) ?? datasets.data.findLast((each) => each.state !== "failed") ?? datasets.data.at(-1);
  const versionId = dataset?.versions.some((each) => each.id === params["versionId"]) ? (params["versionId"] ?? null) : newestVersion(dataset);
  const onDone = (created: Dataset | null, version: Version | null) => {
    setAdding(null);
    void navigate(created ? `/projects/${projectId}/datasets/${created.id}` : `/projects/${projectId}/datasets/${version?.dataset_id ?? ""}/${version?.id ?? ""}`);
  };
  const dialog = <NewDatasetDialog projectId={projectId} dataset={adding && adding !== "new" ? adding : undefined} opened={adding !== null} onClose={() => setAdding(null)} onDone={onDone} />;
  if (!dataset) return <>{dialog}<EmptyDatasets projectId={projectId} onNew={() => setAdding("new")} /></>;
  return (
    <main className="main ds-main">
      {dialog}
      <DatasetList projectId={projectId} datasets={datasets.data} datasetId={dataset.id} versionId={versionId} onNew={() => setAdding("new")} onAdd={setAdding} />
      {dataset.state === "ready" && versionId ? <OneVersion key={versionId} projectId={projectId} dataset={dataset} versionId={versionId} /> : <ImportView dataset={dataset} />}
    </main>
  );
}

/** An address that asks for a new dataset, as Home gives it, opens the dialog once: it is then as it was. */
function useAskedForNew(open: () => void) {
  const [params, setParams] = useSearchParams();
  const isAsked = params.has("new");
  useEffect(() => {
    if (!isAsked) return;
    open();
    setParams((old) => { old.delete("new"); return old; }, { replace: true });
    // `open` is new at every render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [isAsked, setParams]);
}

function OneVersion({ projectId, dataset, versionId }: { projectId: string; dataset: Dataset; versionId: string }) {
  const version = useQuery({ ...versionQuery(versionId), refetchInterval: (asked) => (["saving", "importing"].includes(asked.state.data?.state ?? "") ? POLL_MS : false) });
  if (version.error) return <section className="ds-alone"><ErrorNote error={version.error} /></section>;
  if (!version.data) return <section aria-busy="true" />;
  return <LoadedVersion projectId={projectId} dataset={dataset} version={version.data} />;
}

function LoadedVersion({ projectId, dataset, version }: { projectId: string; dataset: Dataset; version: Version }) {
  const edits = useFeatureEdits(version);
  const leaving = useLeaving();
  return (
    <EditsProvider value={edits}>
      <LeavingProvider value={leaving}>
        <VersionView version={version} />
        <RightPanel projectId={projectId} dataset={dataset} version={version} />
      </LeavingProvider>
    </EditsProvider>
  );
}

function RightPanel({ projectId, dataset, version }: { projectId: string; dataset: Dataset; version: Version }) {
  const [reporting, setReporting] = useState(false);
  const reports = useQuery(importsQuery(version));
  const imports = toldImports(version, reports.data ?? [], dataset.report);
  return (
    <aside id="ds-subsets" className="side right ds-side">
      <VersionAction projectId={projectId} version={version} />
      <SubsetsPanel version={version} />
      <HealthPanel version={version} onReport={() => setReporting(true)} />
      <ErrorNote error={reports.error} />
      <ImportsPanel imports={imports} onShow={() => setReporting(true)} />
      <ReportDialog imports={imports} opened={reporting} onClose={() => setReporting(false)} />
      <NextStep projectId={projectId} version={version} />
    </aside>
  );
}

function useVersionStep(projectId: string, versionId: string, step: "save" | "draft") {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: () => {
      const path = { params: { path: { version_id: versionId } } };
      return step === "save" ? unwrap(api.POST("/api/v1/versions/{version_id}/save", path)) : unwrap(api.POST("/api/v1/versions/{version_id}/draft", path));
    },
    onSuccess: async (next) => {
      client.setQueryData(keys.version(next.id), next);
      await client.invalidateQueries({ queryKey: keys.datasets(projectId) });
      void navigate(`/projects/${projectId}/datasets/${next.dataset_id}/${next.id}`);
    },
  });
}

function VersionAction({ projectId, version }: { projectId: string; version: Version }) {
  const { t } = useTranslation("datasets");
  const save = useVersionStep(projectId, version.id, "save");
  const draft = useVersionStep(projectId, version.id, "draft");
  const { leave } = useLeave();
  const error = useStanding(save.error ?? draft.error, version);
  return (
    <>
      <PrimaryAction>
        {version.state === "draft" ? <><span className="t12 mut ds-wide">{t("draftSaved")}</span><UndoRedo version={version} /></> : null}
        {version.state === "frozen"
          ? <button type="button" className="btn primary lg" disabled={draft.isPending} onClick={() => draft.mutate()}><Icon name="edit" />{t("newDraft")}</button>
          : <button type="button" className="btn primary lg" disabled={version.state !== "draft" || save.isPending} onClick={() => leave(() => save.mutate())}><Icon name="lock" />{t("saveVersion")}</button>}
      </PrimaryAction>
      <ErrorNote error={error} />
    </>
  );
}

function NextStep({ projectId, version }: { projectId: string; version: Version }) {
  const { t } = useTranslation("datasets");
  return (
    <section className="sec ds-next">
      {version.problem ? <ImportProblem projectId={projectId} datasetId={version.dataset_id} versionId={version.id} problem={version.problem} /> : null}
      {version.state === "draft" ? <><h2>{t("nextSave", { number: version.number })}</h2><p className="t12 mut">{t("nextSaveWords")}</p></> : null}
      {version.state === "importing" ? <JobLine jobId={version.job_id} label={t("importing")} /> : null}
      {version.state === "saving" ? <JobLine jobId={version.job_id} label={t("saving")} /> : null}
      {version.state === "frozen" ? (
        <>
          <h2>{t("isFrozen", { number: version.number })}</h2>
          <p className="t12 mut">{t("isFrozenWords")}</p>
          <Link className="btn lg ds-onward" to={`/projects/${projectId}/modeling`}>{t("goOnToModeling")}<Icon name="arrow" /></Link>
        </>
      ) : null}
    </section>
  );
}
