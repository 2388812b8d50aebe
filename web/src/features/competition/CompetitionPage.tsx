/** Enter a competition: from the sample submission to a folder that is proved to run on Kaggle. */
import "./competition.css";

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useParams, useSearchParams } from "react-router";

import type { Schemas } from "@/api/client";
import { competitionQuery, competitionsQuery, runsQuery } from "@/api/queries";
import { usePageTitle } from "@/ui/pageTitle";
import { ErrorNote } from "@/ui/ProblemNote";

import { CompetitionView } from "./CompetitionView";
import { EntryForm } from "./EntryForm";
import { Folder } from "./Folder";
import { EarlierCompetitions, Rail } from "./Rail";

export function CompetitionPage() {
  const { projectId = "", competitionId } = useParams();
  const competition = useQuery({ ...competitionQuery(competitionId ?? ""), enabled: Boolean(competitionId) });
  const earlier = useQuery(competitionsQuery(projectId)).data ?? [];
  const shown = competitionId ? (competition.data ?? null) : null;
  useCompetitionTitle(shown);
  return (
    <main className="main co-main">
      <Rail projectId={projectId} competition={shown} />
      {competitionId ? (
        shown ? <CompetitionView competition={shown} /> : <div className="co-middle" aria-busy={!competition.error}><ErrorNote error={competition.error} /></div>
      ) : (
        <NewEntry projectId={projectId} />
      )}
      <aside className="side right co-side">
        {shown?.state === "ready" ? <Folder competition={shown} /> : <WhatForKaggle />}
        <EarlierCompetitions projectId={projectId} competitions={earlier} currentId={competitionId ?? null} />
      </aside>
    </main>
  );
}

function NewEntry({ projectId }: { projectId: string }) {
  const [search] = useSearchParams();
  const runs = useQuery(runsQuery(projectId));
  if (!runs.data) return <div className="co-middle" aria-busy={!runs.error}><ErrorNote error={runs.error} /></div>;
  return <EntryForm projectId={projectId} runs={runs.data.runs} bestId={runs.data.best_run_id ?? null} wantedRunId={search.get("run")} averaged={search.get("averaged") === "1"} />;
}

function WhatForKaggle() {
  const { t } = useTranslation("competition");
  return (
    <section className="sec" aria-labelledby="co-why">
      <h2 id="co-why">{t("whyTitle")}</h2>
      <ul className="co-why">
        <li>{t("why1")}</li>
        <li>{t("why2")}</li>
        <li>{t("why3")}</li>
      </ul>
    </section>
  );
}

/** The tab tells how the dry run stands. */
function useCompetitionTitle(competition: Schemas["Competition"] | null): void {
  const { t } = useTranslation("competition");
  const state = competition?.dry_run?.state;
  usePageTitle(`${state ? `${t(`title.${state}`)} · ` : ""}${competition?.name ?? t("enterCompetition")}`);
}
