/** How numbers are normalised: by what the whole dataset holds or by what each clip holds, never by both. */
import type { Encoding, SpectrogramSettings, WaveformSettings } from "./columns";

export const NORMALIZATIONS = ["none", "standardize", "min_max"] as const;
export type Normalization = (typeof NORMALIZATIONS)[number];
export type NormalizationOver = "dataset" | "clip";
export type NormalizationChoice = { over: NormalizationOver; kind: Normalization };

const OF_DATASET: readonly NormalizationChoice[] = NORMALIZATIONS.map((kind) => ({ over: "dataset", kind }));
const OF_CLIP: readonly NormalizationChoice[] = [{ over: "clip", kind: "standardize" }, { over: "clip", kind: "min_max" }];

/** Every whole choice that an encoding has; none for those that are not normalised. */
export function normalizationChoices(encoding: Encoding): readonly NormalizationChoice[] {
  if (!("normalization" in encoding)) return [];
  return encoding.kind === "spectrogram" || encoding.kind === "waveform" ? [...OF_DATASET, ...OF_CLIP] : OF_DATASET;
}

export function normalizationIn(encoding: Encoding): NormalizationChoice {
  const ofClip = (encoding.kind === "spectrogram" ? encoding.spectrogram?.clip_normalization : encoding.kind === "waveform" ? encoding.waveform?.clip_normalization : null) ?? "none";
  if (ofClip !== "none") return { over: "clip", kind: ofClip };
  return { over: "dataset", kind: "normalization" in encoding ? (encoding.normalization ?? "none") : "none" };
}

/** The same encoding with another choice; what was chosen before goes, wherever it was kept. */
export function withNormalization<Of extends Encoding>(encoding: Of, { over, kind }: NormalizationChoice): Of {
  if (!("normalization" in encoding)) return encoding;
  const made = { ...encoding, normalization: over === "dataset" ? kind : "none" };
  const clip_normalization = over === "clip" ? kind : "none";
  if (made.kind === "spectrogram") return { ...made, spectrogram: { ...(made.spectrogram as SpectrogramSettings), clip_normalization } };
  if (made.kind === "waveform") return { ...made, waveform: { ...(made.waveform as WaveformSettings), clip_normalization } };
  return made;
}

export const isSameChoice = (one: NormalizationChoice, other: NormalizationChoice): boolean => one.kind === other.kind && (one.kind === "none" || one.over === other.over);
