/** The bar of data usage: each subset's share, what two of them share and how to part them, and what none takes. */
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";

import type { Subset, Version } from "./columns";
import { disjoint, ofFolds, type Shared, sharedRows } from "./overlaps";
import type { SubsetEdits } from "./subsetEdits";
import { markClasses } from "./subsetMarks";

const MOST_SHOWN = 3;

const share = (rows: number, version: Version) => (version.rows ? Math.round((rows / version.rows) * 100) : 0);

export function DataUsage({ version, edits }: { version: Version; edits: SubsetEdits }) {
  const { t } = useTranslation("panels");
  const { usage } = version;
  const shown = disjoint(version).filter((each) => each.rows > 0);
  const byHand = usage.left_out_by_hand;
  const shares = sharedRows(version);
  const more = shares.slice(MOST_SHOWN);
  const line = (shared: Shared) => <SharedLine key={shared.subsets.map((each) => each.id).join()} shared={shared} edits={version.state === "draft" ? edits : null} />;
  const lacking = usage.left_out_rows - byHand;
  const words = (subset: Subset) => `${subset.name} ${share(subset.rows, version)} %`;
  const unused = usage.unused_rows ? t("unusedShare", { share: share(usage.unused_rows, version) }) : null;
  const parts = [...shown.map(words), ...(unused ? [unused] : [])];
  return (
    <>
      <div className="ds-split num" role="img" aria-label={parts.join(", ")}>
        {shown.map((subset) => (
          <div key={subset.id} className={markClasses(subset, version.subsets)} title={words(subset)} style={{ flexGrow: subset.rows }}>
            <span>{share(subset.rows, version)} %</span>
          </div>
        ))}
        {unused ? <div className="unused" title={unused} style={{ flexGrow: usage.unused_rows }}><span>{share(usage.unused_rows, version)} %</span></div> : null}
      </div>
      <ul className="ds-usage t12">
        {usage.unused_rows ? <li className="mut">{t("unusedRows", { count: usage.unused_rows, rows: number(usage.unused_rows) })}</li> : null}
        {byHand ? <li className="mut">{t("leftOutByHand", { count: byHand, rows: number(byHand) })}</li> : null}
        {lacking > 0 ? <li className="mut">{t("leftOutRows", { count: lacking, rows: number(lacking) })}</li> : null}
        {ofFolds(version).size ? <li className="mut">{t("foldsShare")}</li> : null}
        {shares.slice(0, MOST_SHOWN).map(line)}
      </ul>
      {more.length ? <details className="ds-more t12"><summary className="st warn"><Icon name="warn" size={12} />{t("moreOverlaps", { count: more.length })}</summary><ul className="ds-usage">{more.map(line)}</ul></details> : null}
    </>
  );
}

/** Two subsets that share rows; in a draft, one press takes them out of either. */
function SharedLine({ shared, edits }: { shared: Shared; edits: SubsetEdits | null }) {
  const { t } = useTranslation("panels");
  const { subsets, rows, givers } = shared;
  return (
    <li className="ds-shared">
      <span className="st warn"><Icon name="warn" size={12} />{t("overlap", { names: subsets.map((each) => each.name).join(t("joinNames")), count: rows, rows: number(rows) })}</span>
      {edits && givers.length ? (
        <span className="ds-mend">
          <span className="mut">{t("takeOutOf")}</span>
          {givers.map((giver) => {
            const keeper = subsets.find((each) => each !== giver);
            return keeper ? <button key={giver.id} type="button" className="btn sm" aria-label={t("takeRowsOut", { name: giver.name })} disabled={edits.isPending} onClick={() => edits.takeOut(keeper, giver)}><span className="ell">{giver.name}</span></button> : null;
          })}
        </span>
      ) : null}
    </li>
  );
}
