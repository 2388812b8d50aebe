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
  const passed = (health.data?.checks ?? []).filter((check) => !findings.some((each) => each.id === check || each.id.startsWith(`${check}:`) || each.id.startsWith(`${check}.`)));
  const shown = all ? findings : findings.slice(0, SHOWN);
  return (
    <section className="sec" aria-label={t("health")}>
      <div className="sec-h">
        <h2>{t("health")}</h2>
        {serious ? <span className="st warn num"><Icon name="warn" size={12} />{t("toLookAt", { count: serious })}</span> : null}
      </div>
      {health.isLoading ? <p className="t12 dim" role="status">{t("looking")}</p> : null}
      <ErrorNote error={health.error} />
      <ul className="ds-health">
        {shown.map((finding) => <FindingLine key={finding.id} finding={finding} />)}
        {health.data && (all || findings.length <= SHOWN) ? passed.map((check) => <li key={check}><Icon name="check" /><span className="t12">{t(`passed.${check}`)}</span><span /></li>) : null}
      </ul>
      {findings.length > SHOWN ? <button type="button" className="btn quiet sm" aria-expanded={all} onClick={() => setAll(!all)}>{all ? t("showFewer") : t("showAll", { count: findings.length })}</button> : null}
    </section>
  );
}

function FindingLine({ finding }: { finding: Finding }) {
  const { t } = useTranslation("panels");
  const [params, setParams] = useSearchParams();
  const words = describeProblem(finding.words);
  const isOn = params.get("finding") === finding.id;
  const toggle = () => setParams(isOn ? {} : { finding: finding.id }, { replace: true });
  const icon = finding.severity === "bad" ? "alert" : finding.severity === "warn" ? "warn" : "info";
  return (
    <li className={`${finding.severity}${isOn ? " on" : ""}`}>
      <Icon name={icon} />
      <span className="t12" title={words.fix}>{words.message}</span>
      {finding.rows ? <button type="button" className="btn link t12" aria-pressed={isOn} aria-label={t("showRowsOf", { words: words.message })} onClick={toggle}>{isOn ? t("showAllRows") : t("show")}</button> : <span />}
    </li>
  );
}
