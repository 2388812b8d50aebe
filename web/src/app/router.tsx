/** Addresses of the studio; the heavy views load when they are visited. */
import { createBrowserRouter } from "react-router";

import { HomePage } from "@/features/home/HomePage";

import { ProjectFrame } from "./ProjectFrame";

export const router = createBrowserRouter([
  { path: "/", element: <HomePage /> },
  {
    path: "/projects/:projectId",
    element: <ProjectFrame />,
    children: [
      { path: "datasets/:datasetId?/:versionId?", lazy: async () => ({ Component: (await import("@/features/datasets/DatasetsPage")).DatasetsPage }) },
      { path: "modeling/:experimentId?", lazy: async () => ({ Component: (await import("@/features/modeling/ModelingPage")).ModelingPage }) },
      { path: "evaluation", lazy: async () => ({ Component: (await import("@/features/evaluation/EvaluationPage")).EvaluationPage }) },
      { path: "evaluation/competitions/:competitionId?", lazy: async () => ({ Component: (await import("@/features/competition/CompetitionPage")).CompetitionPage }) },
      { path: "deployment", lazy: async () => ({ Component: (await import("@/features/deployment/DeploymentPage")).DeploymentPage }) },
    ],
  },
]);
