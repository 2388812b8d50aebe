/** Home: the projects, where the chosen one stands, and what ran last. */
import "./home.css";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { projectsQuery } from "@/api/queries";

import { FirstSteps } from "./FirstSteps";
import { ProjectDialog } from "./ProjectDialog";
import { ProjectList } from "./ProjectList";
import { RecentRuns } from "./RecentRuns";
import { Road } from "./Road";
import { SampleNote } from "./SampleNote";

export function HomePage() {
  const projects = useQuery(projectsQuery);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const [making, setMaking] = useState(false);
  if (!projects.data) return <main className="main" aria-busy="true" />;
  const chosen = projects.data.find((each) => each.id === chosenId) ?? projects.data[0];
  return (
    <main className="main home">
      <ProjectList projects={projects.data} chosenId={chosen?.id} onChoose={setChosenId} onNew={() => setMaking(true)} />
      {chosen ? (
        <section className="work" aria-label={chosen.name}>
          <Road project={chosen} />
          <RecentRuns projects={projects.data} />
          <SampleNote projectId={chosen.id} />
        </section>
      ) : (
        <section className="work"><FirstSteps onNew={() => setMaking(true)} /></section>
      )}
      {making ? <ProjectDialog onClose={() => setMaking(false)} onSaved={(project) => setChosenId(project.id)} /> : null}
    </main>
  );
}
