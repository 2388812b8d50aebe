/** What was measured of a feature when its version was saved: what fills its gaps, and what normalises it. */
import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/client";

import { numberInCell } from "./cellNumbers";
import type { Feature, Version } from "./columns";
import { Part } from "./Fields";

export function MeasuredPart({ version, feature }: { version: Version; feature: Feature }) {
  const { t } = useTranslation("table");
  const measured = version.measured?.find((each) => each.feature === feature.name);
  const filler = measured?.filled_with ?? null;
  const normalised = measured && isMeasured(feature) ? measured : null;
  if (filler === null && !normalised) return null;
  const subset = version.measured_on ?? "";
  const kind = feature.missing?.kind;
  const source = kind === "mean" || kind === "median" || kind === "most_frequent" ? t(`filledFrom.${kind}`, { subset }) : "";
  return (
    <Part title={t("measured")}>
      {filler === null ? null : <p className="t12">{t(source ? "filledWithFrom" : "filledWith", { value: cellWords(filler), source })}</p>}
      {normalised ? (
        <>
          <dl className="kv">
            {numbersOf(normalised).map(([name, value]) => [<dt key={name}>{t(`measured.${name}`)}</dt>, <dd key={`${name} is`} className="num">{numberInCell(value, null)}</dd>])}
          </dl>
          <p className="hint">{t("measuredOn", { subset })}</p>
        </>
      ) : null}
    </Part>
  );
}

/** Images that are brought to a fixed range have numbers, too, but nobody measured them. */
const isMeasured = ({ encoding }: Feature): boolean => (encoding.kind === "image" ? encoding.scaling === "standardize" : "normalization" in encoding && (encoding.normalization ?? "none") !== "none");

const cellWords = (cell: string | number): string => (typeof cell === "number" ? numberInCell(cell, null) : cell);

function numbersOf({ normalization, shift = 0, scale = 1 }: Schemas["Measured"]): readonly (readonly ["mean" | "spread" | "least" | "most", number])[] {
  return normalization === "min_max" ? [["least", shift], ["most", shift + scale]] : [["mean", shift], ["spread", scale]];
}
