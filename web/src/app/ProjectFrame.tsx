/** The frame of a project: top bar with the four tabs, and the view below. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, NavLink, Outlet, useParams } from "react-router";

import { projectQuery } from "@/api/queries";
import { ProductMark } from "@/ui/Icon";

import { ActionSlot, ActionSlotProvider } from "@/ui/PrimaryAction";

const TABS = ["datasets", "modeling", "evaluation", "deployment"] as const;

export function ProjectFrame() {
  const { t } = useTranslation();
  const { projectId = "" } = useParams();
  const project = useQuery(projectQuery(projectId));
  return (
    <ActionSlotProvider>
    <div className="app">
      <header className="top">
        <div className="brand">
          <Link to="/" aria-label={t("home")}>
            <ProductMark />
          </Link>
          <span className="slash" aria-hidden="true">/</span>
          <span className="proj ell">{project.data?.name}</span>
        </div>
        <nav className="tabs" aria-label={t("views")}>
          {TABS.map((tab) => (
            <NavLink key={tab} to={`/projects/${projectId}/${tab}`}>
              {t(tab)}
            </NavLink>
          ))}
        </nav>
        <ActionSlot />
      </header>
      <Outlet />
    </div>
    </ActionSlotProvider>
  );
}
