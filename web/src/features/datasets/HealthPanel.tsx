/** The panel `Data health`: what is worth a look, each with the way to its rows, and what was found in order. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { api, type Schemas, unwrap } from "@/api/client";
import { describeProblem } from "@/i18n";
import { Icon } from "@/ui/Icon";
import { ErrorNote } from "@/ui/ProblemNote";

import type { Version } from "./columns";

type Finding = Schemas["Finding"];
const SHOWN = 5;
/** So few more are shown at once: a button would take as much room. */
const SPARE = 2;

export function HealthPanel({ version }: { version: Version }) {
  const { t } = useTranslation("panels");
  const [all, setAll] = useState(false);
  const health = useQuery({
    // Subsets, corrections and choices on gaps change what is found; what the files hold does not.
    queryKey: ["versions", version.id, "health", JSON.stringify([version.rows, version.subsets, version.correction_count, version.features.map((each) => [each.name, each.type, each.missing])])],
    queryFn: () => unwrap(api.GET("/api/v1/versions/{version_id}/health", { params: { path: { version_id: version.id } } })),
    placeholderData: (previous) => previous,
  });
  const findings = health.data?.findings ?? [];
  const serious = findings.filter((each) => each.severity !== "info").length;
  const passed = (health.data?.checks ?? []).filter((check) => !findings.some((each) => each.id === check || each.id.startsWith(`${check}:`)));
  const isLong = findings.length > SHOWN + SPARE;
  const shown = all || !isLong ? findings : findings.slice(0, SHOWN);
  return (
    <section className="sec" aria-label={t("health")}>
      <div className="sec-h">
        <h2>{t("health")}</h2>
        {serious ? <span className="st warn num"><Icon name="warn" size={12} />{t("toLookAt", { count: serious })}</span> : null}
      </div>
      {health.isLoading ? <p className="t12 dim" role="status">{t("looking")}</p> : null}
      <ErrorNote error={health.error} />
      <ul className="ds-health">{shown.map((finding) => <FindingLine key={finding.id} finding={finding} />)}</ul>
      {isLong ? <button type="button" className="btn quiet sm" aria-expanded={all} onClick={() => setAll(!all)}>{all ? t("showFewer") : t("showAll", { count: findings.length })}</button> : null}
      {passed.length ? <Passed checks={passed} /> : null}
    </section>
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

const ICONS = { bad: "alert", warn: "warn", info: "info" } as const;

/** What was found; a press on the words tells what can be done about it. */
function FindingLine({ finding }: { finding: Finding }) {
  const { t } = useTranslation("panels");
  const [params, setParams] = useSearchParams();
  const [opened, setOpened] = useState(false);
  const words = describeProblem(finding.words);
  const isOn = params.get("finding") === finding.id;
  const toggle = () => setParams(isOn ? {} : { finding: finding.id }, { replace: true });
  return (
    <li className={`is-${finding.severity}${isOn ? " on" : ""}`}>
      <Icon name={ICONS[finding.severity]} />
      <button type="button" className="ds-finding t12" aria-expanded={opened || isOn} onClick={() => setOpened(!opened)}>{words.message}</button>
      {finding.rows ? <button type="button" className="btn link t12" aria-pressed={isOn} aria-label={t(isOn ? "showAllRows" : "showRowsOf", { words: words.message })} onClick={toggle}>{isOn ? t("showAllRows") : t("show")}</button> : <span />}
      {opened || isOn ? <p className="ds-fix t12 mut">{words.fix}</p> : null}
    </li>
  );
}
