/** The bar of data usage: each subset's share, what two of them share, and what none takes. */
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";

import type { Subset, Version } from "./columns";

const LEAST_SHARE = 1 / 12;

const share = (rows: number, version: Version) => (version.rows ? Math.round((rows / version.rows) * 100) : 0);

export function DataUsage({ version }: { version: Version }) {
  const { t } = useTranslation("panels");
  const { usage } = version;
  const shown = disjoint(version);
  const parts = [...shown.map((each) => `${each.name} ${share(each.rows, version)} %`), ...(usage.unused_rows ? [t("unusedShare", { share: share(usage.unused_rows, version) })] : [])];
  return (
    <>
      <div className="ds-split num" role="img" aria-label={parts.join(", ")}>
        {shown.map((subset, place) => (
          <div key={subset.id} className={place === 0 ? "filled" : "hatched"} title={subset.name} style={{ flexGrow: Math.max(subset.rows, version.rows * LEAST_SHARE) }}>
            <span>{share(subset.rows, version)} %</span>
          </div>
        ))}
        {usage.unused_rows ? <div className="unused" title={t("unused")} style={{ flexGrow: Math.max(usage.unused_rows, version.rows * LEAST_SHARE) }}><span>{share(usage.unused_rows, version)} %</span></div> : null}
      </div>
      <ul className="ds-usage t12">
        {usage.unused_rows ? <li className="mut">{t("unusedRows", { count: usage.unused_rows, rows: number(usage.unused_rows) })}</li> : null}
        {usage.left_out_rows ? <li className="mut">{t("leftOutRows", { count: usage.left_out_rows, rows: number(usage.left_out_rows) })}</li> : null}
        {(usage.overlaps ?? []).slice(0, 3).map((overlap) => (
          <li key={overlap.subset_ids.join()} className="st warn"><Icon name="warn" size={12} />{t("overlap", { names: namesOf(overlap.subset_ids, version.subsets, t("joinNames")), count: overlap.rows, rows: number(overlap.rows) })}</li>
        ))}
      </ul>
    </>
  );
}

function namesOf(ids: readonly string[], subsets: readonly Subset[], joiner: string): string {
  return ids.map((id) => subsets.find((each) => each.id === id)?.name ?? "?").join(joiner);
}

/** Subsets that can stand in one bar: those that share no row with one before; folds are told in words. */
function disjoint(version: Version): Subset[] {
  const overlapping = (version.usage.overlaps ?? []).map((each) => new Set(each.subset_ids));
  const taken: Subset[] = [];
  for (const subset of version.subsets) {
    if (!taken.some((other) => overlapping.some((pair) => pair.has(subset.id) && pair.has(other.id)))) taken.push(subset);
  }
  return taken;
}
