/** Which columns a version shows, in which order: tensors first, then feature sets, then the rest. */
import type { Schemas } from "@/api/client";

export type Version = Schemas["Version"];
export type Feature = Schemas["Feature"];
export type FeatureSet = Schemas["FeatureSet"];
export type Subset = Schemas["Subset"];

export type Column =
  | { kind: "tensor"; name: string; feature: Feature; width: number }
  | { kind: "set"; name: string; set: FeatureSet; width: number }
  | { kind: "value"; name: string; feature: Feature; width: number };

const SPECTROGRAM_WIDTH_PX = 440;
const PICTURE_WIDTH_PX = 220;
const SET_WIDTH_PX = 360;
const VALUE_WIDTH_PX = 132;

/** Members of a feature set are shown in it and not again beside it. */
export function columnsOf(version: Version, search: string): Column[] {
  const bundled = new Set(version.feature_sets.flatMap((set) => set.features));
  const wanted = (name: string) => name.toLowerCase().includes(search.trim().toLowerCase());
  const tensors = version.features.filter((each) => each.type === "tensor" && wanted(each.name));
  const values = version.features.filter((each) => each.type !== "tensor" && !bundled.has(each.name) && wanted(each.name));
  const sets = version.feature_sets.filter((set) => wanted(set.name) || (search.trim() && set.features.some(wanted)));
  return [
    ...tensors.map((feature): Column => ({ kind: "tensor", name: feature.name, feature, width: feature.spectrogram ? SPECTROGRAM_WIDTH_PX : PICTURE_WIDTH_PX })),
    ...sets.map((set): Column => ({ kind: "set", name: set.name, set, width: SET_WIDTH_PX })),
    ...values.map((feature): Column => ({ kind: "value", name: feature.name, feature, width: VALUE_WIDTH_PX })),
  ];
}

/** A name that is free: "labels", "labels 2", … */
export function freeName(wanted: string, taken: readonly string[]): string {
  if (!taken.includes(wanted)) return wanted;
  let n = 2;
  while (taken.includes(`${wanted} ${n}`)) n += 1;
  return `${wanted} ${n}`;
}

const MEL_SLOPE = 2595;
const MEL_BREAK_HZ = 700;
const mel = (hz: number) => MEL_SLOPE * Math.log10(1 + hz / MEL_BREAK_HZ);

export type AxisMark = { at: number; label: string };

/** Marks of the frequency axis, `at` from the top (0) to the bottom (1), on the mel scale. */
export function frequencyMarks(settings: { min_hz: number; max_hz: number }): AxisMark[] {
  const low = mel(settings.min_hz);
  const high = mel(settings.max_hz);
  return [16_000, 4_000, 1_000, 250]
    .filter((hz) => hz > settings.min_hz * 1.5 && hz < settings.max_hz * 0.97)
    .map((hz) => ({ at: 1 - (mel(hz) - low) / (high - low), label: hz >= 1_000 ? `${hz / 1_000}k` : String(hz) }));
}

/** Marks of the time axis of a picture that was not squeezed; seconds. */
export function timeMarks(settings: { frames: number; hop_samples: number; sample_rate_hz: number }): AxisMark[] {
  const seconds = (settings.frames * settings.hop_samples) / settings.sample_rate_hz;
  return [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, label: (seconds * at).toFixed(1) }));
}
