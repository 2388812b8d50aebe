/** Addresses of the studio; the heavy views load when they are visited. */
import type { ComponentType } from "react";
import { createBrowserRouter, Navigate } from "react-router";

import { HomePage } from "@/features/home/HomePage";

import { HomeFrame } from "./HomeFrame";
import { lazyView } from "./lazyView";
import { CrashPage, LoadingView, NotFoundPage } from "./Pages";
import { ProjectFrame } from "./ProjectFrame";

const view = (load: () => Promise<ComponentType>) => lazyView(load, () => router);

export const router: ReturnType<typeof createBrowserRouter> = createBrowserRouter([
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
              { path: "datasets/:datasetId?/:versionId?", lazy: view(async () => (await import("@/features/datasets/DatasetsPage")).DatasetsPage) },
              { path: "modeling/:experimentId?", lazy: view(async () => (await import("@/features/modeling/ModelingPage")).ModelingPage) },
              { path: "evaluation", lazy: view(async () => (await import("@/features/evaluation/EvaluationPage")).EvaluationPage) },
              { path: "evaluation/competitions/:competitionId?", lazy: view(async () => (await import("@/features/competition/CompetitionPage")).CompetitionPage) },
              { path: "deployment", lazy: view(async () => (await import("@/features/deployment/DeploymentPage")).DeploymentPage) },
              { path: "*", element: <NotFoundPage /> },
            ],
          },
        ],
      },
      { path: "*", element: <NotFoundPage framed /> },
    ],
  },
]);
