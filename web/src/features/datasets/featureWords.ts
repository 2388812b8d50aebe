/** A feature's type, encoding and choice on gaps in a few words. */
import type { TFunction } from "i18next";

import type { IconName } from "@/ui/Icon";

import { type Encoding, type Feature, type FeatureType, spectrogramOf } from "./columns";
import type { NormalizationChoice } from "./normalization";

export const FEATURE_TYPES: readonly FeatureType[] = ["numeric", "binary", "categorical", "multi_label", "text", "image", "audio", "tensor"];
const MEDIA: readonly FeatureType[] = ["image", "audio", "tensor"];

export const TYPE_ICONS: Record<FeatureType, IconName> = {
  numeric: "number", binary: "binary", categorical: "category", multi_label: "tags", text: "text", image: "picture", audio: "wave", tensor: "gReshape",
};

export const iconOf = (feature: Pick<Feature, "type" | "encoding">): IconName => (spectrogramOf(feature) ? "wave" : TYPE_ICONS[feature.type]);

/** Types that the values of a feature can be read as: of files, the paths can be words too. */
export function typesFor(feature: Pick<Feature, "type">): readonly FeatureType[] {
  if (MEDIA.includes(feature.type)) return [feature.type, "text", "categorical"];
  return FEATURE_TYPES.filter((each) => !MEDIA.includes(each));
}

/** "Log-mel, 256 bands", "One-hot, 80 classes". */
export function encodingWords(feature: Pick<Feature, "encoding" | "classes">, t: TFunction<"table">): string {
  const { encoding } = feature;
  switch (encoding.kind) {
    case "spectrogram": return t("encodingWords.spectrogram", { bands: encoding.spectrogram?.mel_bands ?? 0 });
    case "waveform": return t("encodingWords.waveform", { rate: kilo(encoding.waveform?.sample_rate_hz ?? 0) });
    case "tensor": return encoding.spectrogram ? t("encodingWords.spectrogram", { bands: encoding.spectrogram.mel_bands }) : t("encodingWords.tensor");
    case "image": return t("encodingWords.image", { colour: t(`colour.${encoding.image?.colour ?? "rgb"}`) });
    case "categorical": return t(`form.${encoding.form ?? "one_hot"}`);
    case "multi_label": return t("encodingWords.multi_label");
    case "text": return t(`tokens.${encoding.tokens ?? "words"}`);
    case "none": return t("encodingWords.none");
    case "binary": return t("encodingWords.binary");
    case "numeric": return t("encodingWords.numeric");
  }
}

/** "Standardize", "Standardize, each clip". */
export const normalizationWords = ({ over, kind }: NormalizationChoice, t: TFunction<"datasets">): string =>
  over === "clip" && kind !== "none" ? t("normalizationEachClip", { words: t(`normalization.${kind}`) }) : t(`normalization.${kind}`);

export const normalizationHint = ({ over, kind }: NormalizationChoice, t: TFunction<"datasets">): string =>
  over === "clip" && kind !== "none" ? t(`normalizationOfClip.${kind}`) : t(`normalizationWords.${kind}`);

const kilo = (hz: number): string => String(Number((hz / 1_000).toFixed(2)));

/** Kinds of encoding that a type can have, the usual first. */
export function encodingKinds(type: FeatureType): readonly Encoding["kind"][] {
  if (type === "audio") return ["spectrogram", "waveform"];
  if (type === "text") return ["none", "text"];
  return [type];
}
