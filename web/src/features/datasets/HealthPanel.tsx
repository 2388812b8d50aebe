/** The panel `Data health`: what is worth a look, each with the way to its rows, and what was found in order. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { describeProblem } from "@/i18n";
import { Icon } from "@/ui/Icon";
import { ErrorNote } from "@/ui/ProblemNote";

import type { Version } from "./columns";
import { countsOf, type Finding, healthQuery } from "./health";

const ICONS = { bad: "alert", warn: "warn", info: "info" } as const;
const SHOWN = 5;
/** So few more are shown at once: a button would take as much room. */
const SPARE = 2;

export function HealthPanel({ version, onReport }: { version: Version; onReport: () => void }) {
  const { t } = useTranslation("panels");
  const [all, setAll] = useState(false);
  const health = useQuery(healthQuery(version));
  const findings = health.data?.findings ?? [];
  const passed = (health.data?.checks ?? []).filter((check) => !findings.some((each) => each.id === check || each.id.startsWith(`${check}:`)));
  const isLong = findings.length > SHOWN + SPARE;
  const shown = all || !isLong ? findings : findings.slice(0, SHOWN);
  return (
    <section className="sec" aria-label={t("health")}>
      <div className="sec-h">
        <h2>{t("health")}</h2>
        <Counts findings={findings} />
      </div>
      {health.isLoading ? <p className="t12 dim" role="status">{t("looking")}</p> : null}
      <ErrorNote error={health.error} />
      <ul className="ds-health">{shown.map((finding) => <FindingLine key={finding.id} finding={finding} onReport={onReport} />)}</ul>
      {isLong ? <button type="button" className="btn quiet sm ds-show-all" aria-expanded={all} onClick={() => setAll(!all)}>{all ? t("showFewer") : t("showAll", { count: findings.length })}</button> : null}
      {passed.length ? <Passed checks={passed} /> : null}
    </section>
  );
}

function Counts({ findings }: { findings: readonly Finding[] }) {
  const { t } = useTranslation("panels");
  const { toLookAt, notes } = countsOf(findings);
  const worst = findings.some((each) => each.severity === "bad") ? "bad" : "warn";
  return (
    <span className="ds-counts num">
      {toLookAt ? <span className={`st ${worst}`}><Icon name={ICONS[worst]} size={12} />{t("toLookAt", { count: toLookAt })}</span> : null}
      {notes ? <span className="st"><Icon name="info" size={12} />{t("healthNotes", { count: notes })}</span> : null}
    </span>
  );
}

/** What was found in order: one line, the checks themselves behind it. */
function Passed({ checks }: { checks: readonly string[] }) {
  const { t } = useTranslation("panels");
  return (
    <details className="ds-passed t12">
      <summary><Icon name="check" /><span>{t("checksPassed", { count: checks.length })}</span><Icon name="down" size={12} /></summary>
      <ul>{checks.map((check) => <li key={check} className="mut">{t(`passed.${check}`)}</li>)}</ul>
    </details>
  );
}

/** What was found; a press on the words tells what can be done about it. */
function FindingLine({ finding, onReport }: { finding: Finding; onReport: () => void }) {
  const { t } = useTranslation("panels");
  const [params, setParams] = useSearchParams();
  const [opened, setOpened] = useState(false);
  const words = describeProblem(finding.words);
  const isOn = finding.leads_to === "rows" && params.get("finding") === finding.id;
  const show = () => {
    if (finding.leads_to === "import_report") onReport();
    else if (finding.leads_to === "feature") setParams({ feature: finding.feature ?? "" }, { replace: true });
    else setParams(isOn ? {} : { finding: finding.id }, { replace: true });
  };
  return (
    <li className={`is-${finding.severity}${isOn ? " on" : ""}`}>
      <Icon name={ICONS[finding.severity]} />
      <button type="button" className="ds-finding t12" aria-expanded={opened || isOn} onClick={() => setOpened(!opened)}>{words.message}</button>
      <button type="button" className="btn link t12" aria-pressed={finding.leads_to === "rows" ? isOn : undefined} aria-label={t(isOn ? "showAllRows" : `showOf.${finding.leads_to}`, { words: words.message })} onClick={show}>{isOn ? t("showAllRows") : t("show")}</button>
      {opened || isOn ? <p className="ds-fix t12 mut">{words.fix}</p> : null}
    </li>
  );
}
