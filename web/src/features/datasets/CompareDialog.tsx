/** What changed from one version to another: rows, values, features, sets, subsets. */
import { Modal, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, type Schemas, unwrap } from "@/api/client";
import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";

type Dataset = Schemas["Dataset"];
type Summary = Schemas["VersionSummary"];
type Comparison = Schemas["VersionComparison"];

export function CompareDialog({ dataset, version, onClose }: { dataset: Dataset; version: Summary | null; onClose: () => void }) {
  const { t } = useTranslation("panels");
  const datasets = useTranslation("datasets").t;
  return (
    <Modal opened={version !== null} onClose={onClose} title={t("compareTitle", { name: dataset.name })} size={640} centered closeButtonProps={{ "aria-label": datasets("close") }}>
      {version ? <Body dataset={dataset} version={version} onClose={onClose} /> : null}
    </Modal>
  );
}

function Body({ dataset, version, onClose }: { dataset: Dataset; version: Summary; onClose: () => void }) {
  const { t } = useTranslation("panels");
  const others = [...dataset.versions].filter((each) => each.id !== version.id).sort((a, b) => b.number - a.number);
  const [other, setOther] = useState(others.find((each) => each.number < version.number)?.id ?? others[0]?.id ?? "");
  const compared = useQuery({
    queryKey: ["versions", other, "compare", version.id],
    queryFn: () => unwrap(api.GET("/api/v1/versions/{version_id}/compare/{other_id}", { params: { path: { version_id: other, other_id: version.id } } })),
    enabled: other !== "",
    staleTime: 0,
  });
  return (
    <div className="ds-dialog">
      <div className="ds-two">
        <Select label={t("compareFrom")} allowDeselect={false} value={other} data={others.map((each) => ({ value: each.id, label: nameOf(each, t) }))} onChange={(value) => value && setOther(value)} />
        <div className="ds-compared"><span className="t12 dim">{t("compareTo")}</span><b className="b6">{nameOf(version, t)}</b></div>
      </div>
      <ErrorNote error={compared.error} />
      {compared.data ? <Changes dataset={dataset} found={compared.data} onClose={onClose} /> : null}
    </div>
  );
}

type Words = (key: string, params?: Record<string, unknown>) => string;

const nameOf = (version: Summary, t: Words) => t(version.state === "frozen" ? "versionName" : "draftName", { number: version.number });

function Changes({ dataset, found, onClose }: { dataset: Dataset; found: Comparison; onClose: () => void }) {
  const { t } = useTranslation("panels");
  const lines = changeLines(found, t);
  if (lines.length === 0) return <p className="row"><Icon name="check" />{t("noDifference")}</p>;
  const address = `/projects/${dataset.project_id}/datasets/${dataset.id}/${found.after.id}`;
  return (
    <ul className="ds-changes">
      {lines.map((line) => (
        <li key={`${line.kind} ${line.words}`}>
          <span className="tag">{t(`change.${line.kind}`)}</span>
          <div className="sp"><span>{line.words}</span>{line.feature ? <Cells address={address} feature={line.feature} onClose={onClose} /> : null}</div>
        </li>
      ))}
    </ul>
  );
}

/** The first changed values: what stood there, what stands there, and the way to the row. */
function Cells({ address, feature, onClose }: { address: string; feature: Schemas["FeatureComparison"]; onClose: () => void }) {
  const { t } = useTranslation("panels");
  const cells = feature.cells ?? [];
  const more = (feature.changed_values ?? 0) - cells.length;
  const shown = (value: string | null) => (value === null ? <i className="dim">{t("noValueThere")}</i> : <b className="b5">{value}</b>);
  return (
    <>
      {cells.length ? (
        <ul className="ds-cells">
          {cells.map((cell) => <li key={cell.row}><Link to={`${address}?row=${cell.row}`} onClick={onClose}>{t("changedRow", { row: number(cell.row + 1) })}</Link><span>{shown(cell.before)} → {shown(cell.after)}</span></li>)}
        </ul>
      ) : null}
      {cells.length && more > 0 ? <p className="t12 dim">{t("moreValues", { count: more, values: number(more) })}</p> : null}
    </>
  );
}

type Line = { kind: "added" | "removed" | "changed"; words: string; feature?: Schemas["FeatureComparison"] };

export function changeLines(found: Comparison, t: Words): Line[] {
  const lines: Line[] = [];
  if (found.rows_added) lines.push({ kind: "added", words: t("rowsAdded", { count: found.rows_added, rows: number(found.rows_added) }) });
  if (found.rows_removed) lines.push({ kind: "removed", words: t("rowsRemoved", { count: found.rows_removed, rows: number(found.rows_removed) }) });
  if (found.rows_left_out) lines.push({ kind: "removed", words: t("rowsLeftOut", { count: found.rows_left_out, rows: number(found.rows_left_out) }) });
  if (found.rows_taken_back) lines.push({ kind: "added", words: t("rowsTakenBack", { count: found.rows_taken_back, rows: number(found.rows_taken_back) }) });
  // One feature tells its own values; of several the sum is worth a line.
  if (found.features.filter((each) => each.changed_values).length > 1) lines.push({ kind: "changed", words: t("valuesChanged", { count: found.values_changed, values: number(found.values_changed) }) });
  for (const each of found.features) {
    const words = each.changed_values ? t("featureValues", { name: each.name, count: each.changed_values, values: number(each.changed_values) }) : t("featureNamed", { name: each.name });
    lines.push({ kind: each.change, words, feature: each });
  }
  for (const name of found.feature_sets_added) lines.push({ kind: "added", words: t("setNamed", { name }) });
  for (const name of found.feature_sets_removed) lines.push({ kind: "removed", words: t("setNamed", { name }) });
  for (const each of found.subsets) {
    const whole = each.change === "added" ? each.rows_after : each.rows_before;
    lines.push({ kind: each.change, words: each.change !== "changed" ? t("subsetWhole", { name: each.name, count: whole ?? 0, rows: number(whole ?? 0) }) : t("subsetChanged", { name: each.name, before: number(each.rows_before ?? 0), after: number(each.rows_after ?? 0), entered: number(each.rows_entered ?? 0), left: number(each.rows_left ?? 0) }) });
  }
  return lines;
}
