/** The frame of a project: top bar with the four tabs, and the view below. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, NavLink, Outlet, useNavigation, useParams } from "react-router";

import { useLiveEvents } from "@/api/events";
import { jobsQuery, projectQuery, runsQuery } from "@/api/queries";
import { runShare } from "@/model/runShare";
import { ProductMark } from "@/ui/Icon";
import { jobWords, shareAndLeft } from "@/ui/jobWords";
import { usePageTitle } from "@/ui/pageTitle";
import { ActionSlot, ActionSlotProvider } from "@/ui/PrimaryAction";

import { ConnectionNote } from "./ConnectionNote";
import { FailurePage } from "./Pages";
import { ProjectMenu } from "./ProjectMenu";
import { QueueMenu } from "./QueueMenu";

const TABS = ["datasets", "modeling", "evaluation", "deployment"] as const;

export function ProjectFrame() {
  const { t } = useTranslation();
  const { projectId = "" } = useParams();
  const project = useQuery(projectQuery(projectId));
  const loading = useNavigation().state !== "idle";
  useLiveEvents(projectId);
  useProjectTitle(projectId, project.data?.name ?? "");
  return (
    <ActionSlotProvider>
      <div className="app project">
        <header className="top">
          <div className="brand">
            <Link to="/" aria-label={t("home")} title={t("home")}>
              <ProductMark />
            </Link>
            <span className="slash" aria-hidden="true">/</span>
            {project.data ? <ProjectMenu projectId={projectId} name={project.data.name} /> : null}
          </div>
          <nav className="tabs" aria-label={t("views")}>
            {TABS.map((tab) => (
              <NavLink key={tab} to={`/projects/${projectId}/${tab}`}>
                {t(tab)}
              </NavLink>
            ))}
          </nav>
          <div className="top-end">
            <QueueMenu />
            <ActionSlot />
          </div>
        </header>
        <div className="view" aria-busy={loading}>
          <ConnectionNote />
          {project.error && !project.data ? <FailurePage failure={project.error} /> : <Outlet />}
        </div>
      </div>
    </ActionSlotProvider>
  );
}

/** Trainings tell more by their run; probes are a matter of the moment. */
const QUIET_KINDS = ["train", "forecast", "rate_test"];

/** The tab says how far the project's running work is, whichever view is open. */
function useProjectTitle(projectId: string, name: string): void {
  const jobs = useQuery(jobsQuery);
  const runs = useQuery(runsQuery(projectId));
  const run = runs.data?.runs.find((each) => each.state === "running");
  const job = jobs.data?.find((each) => each.project_id === projectId && each.state === "running" && !QUIET_KINDS.includes(each.kind));
  const progress = job ? jobWords(job) : run ? shareAndLeft(runShare(run), run.progress.seconds_left) : "";
  usePageTitle([progress, name].filter(Boolean).join(" · "), "frame");
}
