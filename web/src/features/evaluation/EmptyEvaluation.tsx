/** What this view will show, drawn small, and the way to it. */
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { Icon } from "@/ui/Icon";

export function EmptyEvaluation({ projectId, hasExperiments }: { projectId: string; hasExperiments: boolean }) {
  const { t } = useTranslation("evaluation");
  return (
    <main className="ev-alone">
      <section className="empty ev-empty">
        <svg viewBox="0 0 240 96" width="240" height="96" aria-hidden="true">
          {[16, 40, 64, 88].map((y) => <path key={y} d={`M8 ${y}H232`} stroke="var(--line)" />)}
          <path d="M8 82C40 46 72 34 112 29S190 24 208 23" fill="none" stroke="var(--s1)" strokeWidth="1.25" strokeDasharray="3 3" />
          <path d="M8 86C40 58 72 46 112 42S190 37 208 37" fill="none" stroke="var(--s1)" strokeWidth="2" />
          <circle cx="208" cy="37" r="3.5" fill="var(--s1)" stroke="var(--surface)" strokeWidth="1.5" />
          <circle cx="150" cy="38.500" r="7" fill="none" stroke="var(--s1)" strokeWidth="1.5" />
          <path d="M8 88C40 72 72 64 112 61S190 57 208 57" fill="none" stroke="var(--s2)" strokeWidth="2" />
          <path d="M204.800 53.800h6.400v6.400h-6.400z" fill="var(--s2)" stroke="var(--surface)" strokeWidth="1.5" />
        </svg>
        <h1>{t("emptyTitle")}</h1>
        <p className="mut">{t("emptyWhat")}</p>
        <p className="mut">{hasExperiments ? t("emptyHowRun") : t("emptyHow")}</p>
        <Link className="btn primary lg" to={`/projects/${projectId}/modeling`}>{t("goToModeling")}<Icon name="arrow" /></Link>
      </section>
    </main>
  );
}
