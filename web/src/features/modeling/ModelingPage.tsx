/** The modeling view: experiments and problems at the left, the canvas in the middle, the inspector at the right. */
import "./canvas.css";
import "./modeling.css";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ReactFlowProvider } from "@xyflow/react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";

import { api, ApiError, unwrap } from "@/api/client";
import { catalogueQuery, experimentsQuery, keys } from "@/api/queries";
import { problemLine } from "@/i18n";
import { Icon } from "@/ui/Icon";

import { ExperimentList } from "./ExperimentList";
import { EmptyProject } from "./EmptyStates";
import { NameDialog } from "./NameDialog";
import { useSession } from "./session";
import { Workbench } from "./Workbench";

export function ModelingPage() {
  const { projectId = "", experimentId } = useParams();
  const { t } = useTranslation("modeling");
  const experiments = useQuery(experimentsQuery(projectId));
  const catalogue = useQuery(catalogueQuery);
  const [naming, setNaming] = useState(false);
  const openId = experimentId ?? experiments.data?.[0]?.id ?? "";
  const { queue, failure } = useSession(openId);
  const wrong = failure ?? experiments.error ?? catalogue.error;
  const list = (
    <div className="sec exp-sec">
      <button type="button" className="btn full lg new-exp" onClick={() => setNaming(true)}>
        <Icon name="plus" />
        {t("new_experiment")}
      </button>
      <ExperimentList projectId={projectId} experimentId={openId} />
    </div>
  );
  return (
    <ReactFlowProvider>
      {queue && catalogue.data ? (
        <Workbench key={openId} projectId={projectId} queue={queue} catalogue={catalogue.data} experimentList={list} />
      ) : (
        <main className="main modeling">
          <aside className="side" aria-label={t("experiments")}>{list}</aside>
          <section className="mid blank">
            {wrong ? <Failure error={wrong} /> : experiments.data?.length === 0 ? <EmptyProject projectId={projectId} onNew={() => setNaming(true)} /> : null}
          </section>
        </main>
      )}
      {naming && <NewExperiment projectId={projectId} existing={(experiments.data ?? []).map((item) => item.name)} onClose={() => setNaming(false)} />}
    </ReactFlowProvider>
  );
}

function Failure({ error }: { error: Error }) {
  return (
    <div className="note bad" role="alert">
      <Icon name="alert" />
      <span>{error instanceof ApiError ? problemLine(error.problem) : error.message}</span>
    </div>
  );
}

function NewExperiment({ projectId, existing, onClose }: { projectId: string; existing: string[]; onClose: () => void }) {
  const { t } = useTranslation("modeling");
  const client = useQueryClient();
  const navigate = useNavigate();
  let number = existing.length + 1;
  while (existing.includes(t("experiment_default", { number }))) number += 1;
  const create = async (name: string) => {
    const made = await unwrap(api.POST("/api/v1/projects/{project_id}/experiments", { params: { path: { project_id: projectId } }, body: { name } }));
    client.setQueryData(keys.experiment(made.id), made);
    await client.invalidateQueries({ queryKey: keys.experiments(projectId) });
    await navigate(`/projects/${projectId}/modeling/${made.id}`);
  };
  return <NameDialog title={t("new_experiment")} action={t("create")} initial={t("experiment_default", { number })} onClose={onClose} onName={create} />;
}
