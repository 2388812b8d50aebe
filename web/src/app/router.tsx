/** Addresses of the studio; the heavy views load when they are visited. */
import { createBrowserRouter, Navigate } from "react-router";

import { HomePage } from "@/features/home/HomePage";

import { HomeFrame } from "./HomeFrame";
import { CrashPage, LoadingView, NotFoundPage } from "./Pages";
import { ProjectFrame } from "./ProjectFrame";

export const router = createBrowserRouter([
  {
    HydrateFallback: LoadingView,
    ErrorBoundary: CrashPage,
    children: [
      { path: "/", element: <HomeFrame />, children: [{ index: true, element: <HomePage />, ErrorBoundary: CrashPage }] },
      {
        path: "/projects/:projectId",
        element: <ProjectFrame />,
        children: [
          {
            ErrorBoundary: CrashPage,
            children: [
              { index: true, element: <Navigate to="datasets" replace /> },
              { path: "datasets/:datasetId?/:versionId?", lazy: async () => ({ Component: (await import("@/features/datasets/DatasetsPage")).DatasetsPage }) },
              { path: "modeling/:experimentId?", lazy: async () => ({ Component: (await import("@/features/modeling/ModelingPage")).ModelingPage }) },
              { path: "evaluation", lazy: async () => ({ Component: (await import("@/features/evaluation/EvaluationPage")).EvaluationPage }) },
              { path: "evaluation/competitions/:competitionId?", lazy: async () => ({ Component: (await import("@/features/competition/CompetitionPage")).CompetitionPage }) },
              { path: "deployment", lazy: async () => ({ Component: (await import("@/features/deployment/DeploymentPage")).DeploymentPage }) },
              { path: "*", element: <NotFoundPage /> },
            ],
          },
        ],
      },
      { path: "*", element: <NotFoundPage framed /> },
    ],
  },
]);
