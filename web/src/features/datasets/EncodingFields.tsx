/** How a feature becomes numbers: the fields of each kind of encoding but sound's. */
import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/client";

import { ClassOrderFields } from "./ClassOrderFields";
import type { Encoding, Feature, Version } from "./columns";
import { useEdits } from "./featureEdits";
import { ImagePreview } from "./ImagePreview";
import { ChoiceField, SegmentField, SwitchField, TextField } from "./Fields";
import { NORMALIZATIONS, type Normalization } from "./normalization";
import { NumberField } from "./NumberFields";

type Of<Kind extends Encoding["kind"]> = Extract<Encoding, { kind: Kind }>;
type Change = (encoding: Encoding) => void;

export function EncodingFields({ version, feature, onChange }: { version: Version; feature: Feature; onChange: Change }) {
  const { t } = useTranslation("table");
  const { encoding } = feature;
  switch (encoding.kind) {
    case "numeric": return <NumericFields encoding={encoding} onChange={onChange} />;
    case "tensor": return <NormalizationField value={encoding.normalization ?? "none"} onChange={(normalization) => onChange({ ...encoding, normalization })} />;
    case "categorical": return <CategoricalFields version={version} feature={feature} encoding={encoding} onChange={onChange} />;
    case "multi_label": return <MultiLabelFields version={version} feature={feature} encoding={encoding} onChange={onChange} />;
    case "text": return <TextFields encoding={encoding} onChange={onChange} />;
    case "image": return <><ImagePreview version={version} feature={feature} /><ImageFields encoding={encoding} onChange={onChange} /></>;
    case "none": return null;
    default: return <p className="t12 mut">{t(`kindWords.${encoding.kind}`)}</p>;
  }
}

export function NormalizationField({ value, onChange }: { value: Normalization; onChange: (value: Normalization) => void }) {
  const { t } = useTranslation("datasets");
  const { editable } = useEdits();
  return <ChoiceField label={t("normalization")} hint={t(`normalizationWords.${value}`)} value={value} disabled={!editable} choices={NORMALIZATIONS.map((each) => ({ value: each, label: t(`normalization.${each}`) }))} onChange={onChange} />;
}

function NumericFields({ encoding, onChange }: { encoding: Of<"numeric">; onChange: Change }) {
  const { t } = useTranslation("table");
  const { editable } = useEdits();
  return (
    <>
      <NormalizationField value={encoding.normalization ?? "none"} onChange={(normalization) => onChange({ ...encoding, normalization })} />
      <SwitchField label={t("decimalComma")} hint={t("decimalCommaHint")} checked={encoding.decimal_comma ?? false} disabled={!editable} onChange={(decimal_comma) => onChange({ ...encoding, decimal_comma })} />
    </>
  );
}

function CategoricalFields({ version, feature, encoding, onChange }: { version: Version; feature: Feature; encoding: Of<"categorical">; onChange: Change }) {
  const { t } = useTranslation("table");
  const { editable } = useEdits();
  const form = encoding.form ?? "one_hot";
  return (
    <>
      <SegmentField label={t("formOf")} hint={t(`formWords.${form}`)} value={form} disabled={!editable} choices={(["one_hot", "index"] as const).map((each) => ({ value: each, label: t(`form.${each}`) }))} onChange={(next) => onChange({ ...encoding, form: next })} />
      <ClassOrderFields version={version} feature={feature} order={encoding.order ?? { by: "sorted" }} onChange={(order) => onChange({ ...encoding, order })} />
    </>
  );
}

const DELIMITER_LENGTH = 4;

function MultiLabelFields({ version, feature, encoding, onChange }: { version: Version; feature: Feature; encoding: Of<"multi_label">; onChange: Change }) {
  const { t } = useTranslation("table");
  const { editable } = useEdits();
  return (
    <>
      <TextField label={t("delimiter")} hint={t("delimiterHint")} value={encoding.delimiter ?? ","} maxLength={DELIMITER_LENGTH} disabled={!editable} onChange={(delimiter) => onChange({ ...encoding, delimiter })} />
      <ClassOrderFields version={version} feature={feature} order={encoding.order ?? { by: "sorted" }} onChange={(order) => onChange({ ...encoding, order })} />
    </>
  );
}

function TextFields({ encoding, onChange }: { encoding: Of<"text">; onChange: Change }) {
  const { t } = useTranslation("table");
  const { editable } = useEdits();
  return (
    <>
      <SegmentField label={t("tokensOf")} hint={t(`tokensWords.${encoding.tokens ?? "words"}`)} value={encoding.tokens ?? "words"} disabled={!editable} choices={(["words", "characters"] as const).map((each) => ({ value: each, label: t(`tokens.${each}`) }))} onChange={(tokens) => onChange({ ...encoding, tokens })} />
      <NumberField label={t("length")} hint={t("lengthHint")} value={encoding.length ?? 64} min={1} max={8_192} disabled={!editable} onChange={(length) => onChange({ ...encoding, length })} />
      <NumberField label={t("vocabulary")} hint={t("vocabularyHint")} value={encoding.vocabulary_size ?? 10_000} min={3} max={200_000} step={1_000} disabled={!editable} onChange={(vocabulary_size) => onChange({ ...encoding, vocabulary_size })} />
      <SwitchField label={t("lowercase")} hint={t("lowercaseHint")} checked={encoding.lowercase ?? true} disabled={!editable} onChange={(lowercase) => onChange({ ...encoding, lowercase })} />
    </>
  );
}

const LARGEST_SIDE = 4_096;
const COLOURS = ["rgb", "grayscale", "rgba"] as const;
const FITS = ["crop_and_resize", "crop", "pad", "resize"] as const;
const SCALINGS = ["zero_one", "minus_one_one", "standardize", "none"] as const;
const IMAGE_START: Schemas["ImageSettings"] = { colour: "rgb", width: 128, height: 128, fit: "crop_and_resize" };

function ImageFields({ encoding, onChange }: { encoding: Of<"image">; onChange: Change }) {
  const { t } = useTranslation("table");
  const { editable } = useEdits();
  const image = encoding.image ?? IMAGE_START;
  const put = (part: Partial<Schemas["ImageSettings"]>) => onChange({ ...encoding, image: { ...image, ...part } });
  const scaling = encoding.scaling ?? "zero_one";
  return (
    <>
      <SegmentField label={t("colourOf")} hint={t(`colourWords.${image.colour}`)} value={image.colour} disabled={!editable} choices={COLOURS.map((each) => ({ value: each, label: t(`colour.${each}`) }))} onChange={(colour) => put({ colour })} />
      <div className="ds-two">
        <NumberField label={t("width")} hint={t("widthHint")} unit="px" value={image.width} min={1} max={LARGEST_SIDE} disabled={!editable} onChange={(width) => put({ width })} />
        <NumberField label={t("height")} hint={t("heightHint")} unit="px" value={image.height} min={1} max={LARGEST_SIDE} disabled={!editable} onChange={(height) => put({ height })} />
      </div>
      <ChoiceField label={t("imageFit")} hint={t(`imageFitWords.${image.fit}`)} value={image.fit} disabled={!editable} choices={FITS.map((each) => ({ value: each, label: t(`imageFit.${each}`) }))} onChange={(fit) => put({ fit })} />
      <ChoiceField label={t("scaling")} hint={t(`scalingWords.${scaling}`)} value={scaling} disabled={!editable} choices={SCALINGS.map((each) => ({ value: each, label: t(`scaling.${each}`) }))} onChange={(next) => onChange({ ...encoding, scaling: next })} />
    </>
  );
}
