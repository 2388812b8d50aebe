/** The modeling view: experiments and problems at the left, the canvas in the middle, the inspector at the right. */
import "./canvas.css";
import "./modeling.css";

import { usePrefetchQuery, useQuery } from "@tanstack/react-query";
import { ReactFlowProvider } from "@xyflow/react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";

import { ApiError } from "@/api/client";
import { catalogueQuery, experimentsQuery, presetsQuery } from "@/api/queries";
import { problemLine } from "@/i18n";
import { Icon } from "@/ui/Icon";

import { ExperimentList } from "./ExperimentList";
import { EmptyProject } from "./EmptyStates";
import { NewExperiment } from "./NewExperiment";
import { useSession } from "./session";
import { Workbench } from "./Workbench";

export function ModelingPage() {
  const { projectId = "", experimentId } = useParams();
  const { t } = useTranslation("modeling");
  const experiments = useQuery(experimentsQuery(projectId));
  const catalogue = useQuery(catalogueQuery);
  usePrefetchQuery(presetsQuery(projectId)); // so that the dialog opens in its full size
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
