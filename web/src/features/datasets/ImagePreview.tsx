/** One real image as the settings make it. */
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";
import { ProblemNote } from "@/ui/ProblemNote";

import { ShapeText } from "./ColumnHeader";
import { type Feature, fileName, shownPath, type Version } from "./columns";
import { useFileChoice } from "./useFileChoice";
import { usePreview } from "./usePreview";

export function ImagePreview({ version, feature }: { version: Version; feature: Feature }) {
  const { t } = useTranslation("table");
  const files = useFileChoice(version, feature);
  const { preview, problem } = usePreview(version.id, files.row?.index ?? null, feature.name, feature.encoding, true);
  const name = String(files.row?.values[feature.name] ?? "");
  return (
    <div className="dt-image-preview">
      {preview ? <img src={`data:image/png;base64,${preview.picture_png_base64}`} alt={t("imageOf", { name })} /> : <div className="dt-blank" aria-busy="true" />}
      <div className="row">
        <div className="sp"><p className="b5 ell" title={shownPath(name)}>{fileName(name)}</p><p className="t11 dim num">{t("placeOf", { place: number(Math.min(files.place + 1, files.total)), total: number(files.total) })}</p></div>
        {preview ? <ShapeText shape={preview.shape} /> : null}
        <button type="button" className="btn quiet icon ds-back" aria-label={t("earlierImage")} title={t("earlierImage")} onClick={() => files.move(-1)}><Icon name="right" /></button>
        <button type="button" className="btn quiet icon" aria-label={t("laterImage")} title={t("laterImage")} onClick={() => files.move(1)}><Icon name="right" /></button>
      </div>
      {problem ? <ProblemNote problem={problem} /> : null}
    </div>
  );
}
