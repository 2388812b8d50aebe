/** The head of one column: what it is, how it becomes numbers, how its values are spread. */
import { Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, type Schemas, unwrap } from "@/api/client";
import { keys } from "@/api/queries";
import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";

import type { Column, Feature, FeatureSet, Version } from "./columns";
import { HistogramBars, HistogramScale } from "./HistogramBars";

type Normalization = Schemas["Feature"]["normalization"];
const NORMALIZATIONS: readonly NonNullable<Normalization>[] = ["none", "standardize", "min_max"];

export function ColumnHeader({ version, column }: { version: Version; column: Column }) {
  return (
    <div role="columnheader" aria-label={column.name} className="ds-head">
      {column.kind === "set" ? <SetHead version={version} set={column.set} /> : <FeatureHead version={version} feature={column.feature} />}
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

function FeatureHead({ version, feature }: { version: Version; feature: Feature }) {
  const { t } = useTranslation("datasets");
  const isTensor = feature.type === "tensor";
  const numeric = isTensor || feature.type === "numeric";
  const words = (value: number) => `${number(value, Math.abs(value) < 100 && !Number.isInteger(value) ? 1 : 0)}${isTensor && feature.spectrogram ? " dB" : ""}`;
  return (
    <>
      <div className="nm">
        {isTensor ? <Icon name="wave" /> : null}
        <span className="ell" title={feature.name}>{feature.name}</span>
        <span className="sp" />
        <ShapeText shape={isTensor ? feature.shape : []} />
      </div>
      <div className="set">
        {isTensor
          ? <span className="ds-enc"><span>{t("encoding")}</span> {feature.spectrogram ? t("logMel", { bands: feature.spectrogram.mel_bands ?? 0 }) : t("tensor")}</span>
          : <span className="t11 dim">{t(`type.${feature.type}`)}</span>}
        {numeric ? <NormalizationMenu version={version} feature={feature} /> : null}
        {feature.missing_rows ? <span className="tag warn">{t("missing", { count: feature.missing_rows, rows: number(feature.missing_rows) })}</span> : null}
      </div>
      <div>
        <HistogramBars counts={feature.histogram.counts} />
        {feature.type !== "binary" && feature.histogram.labels
          ? <div className="ds-scale"><span className="ell">{feature.histogram.labels[0]}</span><span className="ell">{feature.histogram.labels.at(-1)}</span></div>
          : feature.type === "binary"
            ? <div className="ds-scale">{feature.histogram.counts.map((count, place) => <span key={place}>{number(count)}</span>)}</div>
            : <HistogramScale histogram={feature.histogram} words={words} />}
      </div>
    </>
  );
}

function NormalizationMenu({ version, feature }: { version: Version; feature: Feature }) {
  const { t } = useTranslation("datasets");
  const client = useQueryClient();
  const chosen = feature.normalization ?? "none";
  const change = useMutation({
    mutationFn: (normalization: NonNullable<Normalization>) => unwrap(api.PATCH("/api/v1/versions/{version_id}/features/{name}", { params: { path: { version_id: version.id, name: feature.name } }, body: { normalization } })),
    onSuccess: (next) => client.setQueryData(keys.version(version.id), next),
  });
  const words = <><span>{t("normalization")}</span> {t(`normalization.${chosen}`)}</>;
  if (version.state !== "draft") return <span className="ds-enc">{words}</span>;
  return (
    <>
      <Menu position="bottom-start" shadow="md">
        <Menu.Target><button type="button" className="ds-enc" aria-label={t("normalizationOf", { name: feature.name })}>{words}<Icon name="down" size={12} /></button></Menu.Target>
        <Menu.Dropdown>
          {NORMALIZATIONS.map((each) => (
            <Menu.Item key={each} onClick={() => change.mutate(each)} rightSection={each === chosen ? <Icon name="check" size={12} /> : null}>
              {t(`normalization.${each}`)} <span className="dim t12">{t(`normalizationWords.${each}`)}</span>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <ErrorNote error={change.error} />
    </>
  );
}

function SetHead({ version, set }: { version: Version; set: FeatureSet }) {
  const { t } = useTranslation("datasets");
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/versions/{version_id}/feature-sets/{feature_set_id}", { params: { path: { version_id: version.id, feature_set_id: set.id } } })),
    onSuccess: (next) => client.setQueryData(keys.version(version.id), next),
  });
  const kind = set.kind === "numeric" ? t("setNumeric") : set.several_true_rows ? t("setSeveral") : t("setBinary");
  return (
    <>
      <div className="nm">
        <Icon name="set" />
        <span className="ell" title={set.name}>{set.name}</span>
        <span className="tag">{t("featureSetOf", { count: set.features.length })}</span>
        <span className="sp" />
        <ShapeText shape={set.shape} />
        {version.state === "draft" ? (
          <button type="button" className="btn quiet icon sm" aria-label={t("removeFeatureSet", { name: set.name })} title={t("removeFeatureSet", { name: set.name })} onClick={() => remove.mutate()}><Icon name="x" size={12} /></button>
        ) : null}
      </div>
      <div className="set"><span className="ds-enc"><span>{t("encoding")}</span> {kind}</span></div>
      <div>
        <HistogramBars counts={set.counts} />
        {set.counts.length ? (
          <div className="ds-scale">
            <span>{t("classes", { count: set.features.length })}</span>
            <span>{t("rowsEach", { least: number(Math.min(...set.counts)), most: number(Math.max(...set.counts)) })}</span>
          </div>
        ) : null}
      </div>
      <ErrorNote error={remove.error} />
    </>
  );
}
