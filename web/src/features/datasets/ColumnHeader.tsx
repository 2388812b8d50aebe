/** The head of one column on three lines: what it is, how it becomes numbers, how its values are spread. */
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";

import { type Column, type Feature, type FeatureSet, isVariable, type Version } from "./columns";
import { FilterButton } from "./FilterMenu";
import { useEdits } from "./featureEdits";
import { iconOf } from "./featureWords";
import { EncodingMenu, MissingMenu, NormalizationMenu } from "./HeadMenus";
import { HistogramBars, HistogramScale } from "./HistogramBars";
import type { Choice, Filter } from "./rowPages";

export type HeadActions = { onInspect: (column: Column) => void; onSort: (name: string) => void; onFilter: (filter: Filter) => void };

type Props = { version: Version; column: Column; widthPx: number; choice: Choice; actions: HeadActions; id: string; index: number; active: boolean; isOpen: boolean };

export function ColumnHeader({ column, widthPx, choice, actions, id, index, active, isOpen }: Props) {
  const sorted = choice.sortBy === column.name ? (choice.descending ? "descending" : "ascending") : undefined;
  return (
    <div role="columnheader" aria-label={column.name} aria-colindex={index} aria-sort={sorted} id={id} className={`dt-head${active ? " on" : ""}${isOpen ? " open" : ""}`} style={{ width: widthPx }}>
      {column.kind === "set" ? <SetHead set={column.set} column={column} actions={actions} /> : <FeatureHead feature={column.feature} column={column} widthPx={widthPx} sorted={sorted} actions={actions} />}
    </div>
  );
}

export function ShapeText({ shape }: { shape: readonly number[] }) {
  if (!shape.length) return null;
  return (
    <span className="shape">
      {shape.map((size, place) => <span key={place}>{place ? <i>×</i> : null}{size}</span>)}
    </span>
  );
}

const WIDE_PX = 300;

function FeatureHead({ feature, column, widthPx, sorted, actions }: { feature: Feature; column: Column; widthPx: number; sorted: "ascending" | "descending" | undefined; actions: HeadActions }) {
  const { t } = useTranslation("table");
  const wide = widthPx >= WIDE_PX;
  return (
    <>
      <div className="nm">
        <button type="button" className="dt-name" title={t("settingsOf", { name: feature.name })} onClick={() => actions.onInspect(column)}><Icon name={iconOf(feature)} /><span className="ell">{feature.name}</span></button>
        <span className="sp" />
        {feature.shape.length > 1 || (feature.shape[0] ?? 1) > 1 ? <ShapeText shape={feature.shape} /> : null}
        {isVariable(feature.encoding) ? <span className="t11 dim dt-per-crop" title={t("fitWords.variable")}>{t("perCrop")}</span> : null}
        <span className={`dt-tools-of-head${sorted ? " on" : ""}`}>
          <button type="button" className={`dt-tool${sorted ? " on" : ""}`} title={t("sort")} aria-label={t("sortBy", { name: feature.name })} aria-pressed={sorted !== undefined} onClick={() => actions.onSort(feature.name)}>
            <Icon name={sorted ? "down" : "sort"} size={12} className={sorted === "ascending" ? "up" : ""} />
          </button>
          <FilterButton feature={feature} onFilter={actions.onFilter} />
        </span>
      </div>
      <div className="set">
        <EncodingMenu feature={feature} wide={wide} onMore={() => actions.onInspect(column)} />
        <NormalizationMenu feature={feature} wide={wide} />
        <MissingMenu feature={feature} onMore={() => actions.onInspect(column)} />
      </div>
      <Distribution feature={feature} />
    </>
  );
}

export function Distribution({ feature }: { feature: Feature }) {
  const { t } = useTranslation("table");
  const { t: words } = useTranslation("datasets");
  const { histogram } = feature;
  const isLoudness = feature.type === "tensor" && feature.encoding.kind === "tensor" && feature.encoding.spectrogram;
  const rounded = (size: number) => Number(size.toFixed(1)) + 0; // no minus before a zero
  const bare = (size: number) => number(Math.abs(size) < 100 ? rounded(size) : size, Math.abs(size) < 100 && !Number.isInteger(size) ? 1 : 0);
  const value = (size: number) => (feature.type === "audio" ? t("secondsLong", { seconds: bare(size) }) : isLoudness ? `${bare(size)} dB` : bare(size));
  const labels = histogram.labels ?? null;
  const distinct = histogram.distinct ?? 0;
  return (
    <div className="dt-spread">
      <HistogramBars counts={histogram.counts} labels={labels} />
      {labels && feature.type === "binary" ? <div className="ds-scale">{histogram.counts.map((count, place) => <span key={place} title={labels[place]}>{number(count)}</span>)}</div> : null}
      {labels && feature.type !== "binary" ? <div className="ds-scale"><span className="ell" title={labels[0]}>{labels[0]}</span><span>{feature.classes ? words("classes", { count: feature.classes.length }) : distinct ? t(feature.type === "image" ? "sizes" : "distinct", { count: distinct, distinct: number(distinct) }) : null}</span></div> : null}
      {labels ? null : <HistogramScale histogram={histogram} words={value} middle={(size) => t("median", { value: value(size) })} />}
    </div>
  );
}

function SetHead({ set, column, actions }: { set: FeatureSet; column: Column; actions: HeadActions }) {
  const { t } = useTranslation("datasets");
  const { t: words } = useTranslation("table");
  const kind = set.kind === "numeric" ? t("setNumeric") : set.several_true_rows ? t("setSeveral") : t("setBinary");
  const { editable } = useEdits();
  return (
    <>
      <div className="nm">
        <button type="button" className="dt-name" title={words("settingsOf", { name: set.name })} onClick={() => actions.onInspect(column)}><Icon name="set" /><span className="ell">{set.name}</span></button>
        <span className="tag">{t("featureSetOf", { count: set.features.length })}</span>
        <span className="sp" />
        <ShapeText shape={set.shape} />
      </div>
      <div className="set">{editable ? <button type="button" className="ds-enc" onClick={() => actions.onInspect(column)}><span>{t("encoding")}</span> {kind}</button> : <span className="ds-enc"><span>{t("encoding")}</span> {kind}</span>}</div>
      <div className="dt-spread">
        <HistogramBars counts={set.counts} />
        {set.counts.length ? (
          <div className="ds-scale">
            <span>{t("classes", { count: set.features.length })}</span>
            <span>{t("rowsEach", { least: number(Math.min(...set.counts)), most: number(Math.max(...set.counts)) })}</span>
          </div>
        ) : null}
      </div>
    </>
  );
}
