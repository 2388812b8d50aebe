/** Which columns a version shows, in which order: media and tensors first, then classes, then the rest. */
import type { Schemas } from "@/api/client";

export type Version = Schemas["Version"];
export type Feature = Schemas["Feature"];
export type FeatureSet = Schemas["FeatureSet"];
export type Subset = Schemas["Subset"];
export type Encoding = Feature["encoding"];
export type FeatureType = Feature["type"];
export type SpectrogramSettings = Schemas["SpectrogramSettings"];
export type WaveformSettings = Schemas["WaveformSettings"];

export type Column =
  | { kind: "tensor" | "audio" | "image" | "classes" | "value" | "text"; name: string; feature: Feature; width: number }
  | { kind: "set"; name: string; set: FeatureSet; width: number };

/** What stays the same when a column is renamed. */
export const columnId = (column: Column): string => (column.kind === "set" ? column.set.id : column.feature.column);

type FeatureColumnKind = Exclude<Column["kind"], "set">;
const WIDTH_PX: Record<FeatureColumnKind, number> = { audio: 440, tensor: 220, image: 220, classes: 340, text: 220, value: 168 };
const SPECTROGRAM_WIDTH_PX = 440;
const SET_WIDTH_PX = 360;
const MOST_NUMBERS = 6;
/** Room for the normalisation and for what happens to gaps. */
const GAPS_WIDTH_PX = 296;
const TEXT_GAPS_WIDTH_PX = 332;
const KIND_OF_TYPE: Record<FeatureType, FeatureColumnKind> = {
  tensor: "tensor", audio: "audio", image: "image", multi_label: "classes", text: "text", numeric: "value", binary: "value", categorical: "value",
};
const ROOMY: readonly Column["kind"][] = ["set", "classes", "text"];
export const PICTURED: readonly Column["kind"][] = ["tensor", "audio", "image"];

/** The name of a file without its folders; zips made on Windows part them by backslashes. */
export const fileName = (path: string): string => path.split(/[/\\]/).at(-1) || path;

/** A path as it is shown, whatever its parts are parted by. */
export const shownPath = (path: string): string => path.replaceAll("\\", "/");

/** Members of a feature set are shown in it and not again beside it. */
export function columnsOf(version: Pick<Version, "features" | "feature_sets">, search: string): Column[] {
  const bundled = new Set(version.feature_sets.flatMap((set) => set.features));
  const words = search.trim().toLowerCase();
  const wanted = (name: string) => name.toLowerCase().includes(words);
  const features = version.features
    .filter((each) => (PICTURED.includes(KIND_OF_TYPE[each.type]) || words || !bundled.has(each.name)) && wanted(each.name))
    .map((feature): Column => ({ kind: KIND_OF_TYPE[feature.type], name: feature.name, feature, width: widthOf(feature) }));
  const sets = version.feature_sets
    .filter((set) => wanted(set.name) || (words && set.features.some(wanted)))
    .map((set): Column => ({ kind: "set", name: set.name, set, width: SET_WIDTH_PX }));
  const pictured = features.filter((each) => PICTURED.includes(each.kind));
  const classes = features.filter((each) => each.kind === "classes");
  return [...pictured, ...sets, ...classes, ...features.filter((each) => !PICTURED.includes(each.kind) && each.kind !== "classes")];
}

function widthOf(feature: Feature): number {
  const usual = spectrogramOf(feature) ? SPECTROGRAM_WIDTH_PX : WIDTH_PX[KIND_OF_TYPE[feature.type]];
  return feature.missing_rows ? Math.max(feature.type === "text" ? TEXT_GAPS_WIDTH_PX : GAPS_WIDTH_PX, usual) : usual;
}

/** The features whose values a cell of a column shows: of a set of numbers the first few. */
export function featuresShown(column: Column): readonly string[] {
  if (column.kind !== "set") return [column.name];
  return column.set.kind === "numeric" ? column.set.features.slice(0, MOST_NUMBERS) : column.set.features;
}

/** Whether a column takes what is left of a wide window. */
export const growsWide = (column: Column): boolean => ROOMY.includes(column.kind);

/** The spectrogram that a feature is, if it is one. */
export function spectrogramOf(feature: Pick<Feature, "encoding">): SpectrogramSettings | null {
  const { encoding } = feature;
  return encoding.kind === "spectrogram" ? (encoding.spectrogram ?? null) : encoding.kind === "tensor" ? (encoding.spectrogram ?? null) : null;
}

/** Whether each clip keeps its own length, so that the shape is that of one crop. */
export function isVariable(encoding: Encoding): boolean {
  return (encoding.kind === "spectrogram" && encoding.spectrogram?.fit === "variable") || (encoding.kind === "waveform" && encoding.waveform?.fit === "variable");
}

/** The original tutorial's picture: 256 mel bands by 256 frames. */
export const TUTORIAL: SpectrogramSettings = {
  sample_rate_hz: 44_100, fft_samples: 2_560, hop_samples: 694, mel_bands: 256, min_hz: 20, max_hz: 22_050, frames: 256,
  fit: "crop", reference: "clip_maximum", dynamic_range_db: 80, trim_silence_db: null, clip_normalization: "none",
};

/** Clips that models see as waveforms are drawn whole in the table, in the tutorial's bands. */
const DRAWN_WHOLE: SpectrogramSettings = { ...TUTORIAL, fit: "variable" };
export const drawnSettings = (feature: Pick<Feature, "encoding">): SpectrogramSettings | null => (feature.encoding.kind === "waveform" ? DRAWN_WHOLE : spectrogramOf(feature));

/** Whether a clip's picture begins where its sound does. Waveforms are drawn whole. */
export const trimsSilence = (encoding: Encoding): boolean => encoding.kind === "spectrogram" && (encoding.spectrogram?.trim_silence_db ?? null) !== null;

/** A name that is free: "labels", "labels 2", … */
export function freeName(wanted: string, taken: readonly string[]): string {
  if (!taken.includes(wanted)) return wanted;
  let n = 2;
  while (taken.includes(`${wanted} ${n}`)) n += 1;
  return `${wanted} ${n}`;
}

/** The classes of one cell: "Bark, Buzz" → Bark and Buzz. */
export function classesIn(cell: string | number | null | undefined, delimiter: string): string[] {
  if (cell === null || cell === undefined) return [];
  return String(cell).split(delimiter).map((each) => each.trim()).filter(Boolean);
}

/** The classes that cells can hold: without that of the gaps, which stands last where gaps have one of their own. */
export const classesOfCells = ({ classes, missing }: Pick<Feature, "classes" | "missing">): readonly string[] => (missing?.kind === "own_category" ? (classes ?? []).slice(0, -1) : (classes ?? []));

/** How many rows have each class, as far as that was counted: of many classes only the most frequent. */
export function countsOfClasses({ histogram, missing }: Pick<Feature, "histogram" | "missing">): (name: string) => number | null {
  const labels = histogram.labels ?? [];
  const counted = new Map(labels.map((name, place) => [name, histogram.counts[place] ?? 0]));
  // Classes of a template may have no row at all.
  const words = labels.length - (missing?.kind === "own_category" ? 1 : 0);
  const others = (histogram.distinct ?? words) <= words ? 0 : null;
  return (name) => counted.get(name) ?? others;
}

/** The address of a drawing of one value; it changes when the settings do, so that a kept picture is never a stale one. */
export function pictureAddress(prefix: string, version: Pick<Version, "id" | "content_hash">, row: number, feature: Pick<Feature, "name" | "encoding">, largestPixels: number): string {
  return `${prefix}/versions/${version.id}/rows/${row}/picture.png?feature=${encodeURIComponent(feature.name)}&largest_pixels=${largestPixels}&as=${fingerprint(JSON.stringify(feature.encoding))}`;
}

export const mediaAddress = (prefix: string, versionId: string, row: number, feature: string): string =>
  `${prefix}/versions/${versionId}/rows/${row}/media?feature=${encodeURIComponent(feature)}`;

/** FNV-1a of a text, short enough for an address. */
export function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place += 1) hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  return (hash >>> 0).toString(36);
}

const MEL_SLOPE = 2595;
const MEL_BREAK_HZ = 700;
const mel = (hz: number) => MEL_SLOPE * Math.log10(1 + hz / MEL_BREAK_HZ);

/** Below it stands the unit. */
const LOWEST_MARK = 0.82;

export type AxisMark = { at: number; label: string };

/** Marks of the frequency axis, `at` from the top (0) to the bottom (1), on the mel scale. */
export function frequencyMarks(settings: { min_hz: number; max_hz: number }): AxisMark[] {
  const low = mel(settings.min_hz);
  const high = mel(settings.max_hz);
  return [16_000, 4_000, 1_000, 250]
    .map((hz) => ({ hz, at: 1 - (mel(hz) - low) / (high - low) }))
    .filter(({ at }) => at > 0.04 && at < LOWEST_MARK)
    .map(({ hz, at }) => ({ at, label: hz >= 1_000 ? `${hz / 1_000}k` : String(hz) }));
}

/** Five marks over a stretch of time. */
export function timeMarks(seconds: number, firstSecond = 0): AxisMark[] {
  const decimals = seconds < 1 ? 2 : 1;
  return [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, label: (firstSecond + seconds * at).toFixed(decimals) }));
}

/** How many seconds the drawing of a clip shows, of which `clipSeconds` are there; null where its settings do not tell. */
export function shownSeconds(encoding: Encoding, clipSeconds: number | null | undefined): number | null {
  const settings = drawnSettings({ encoding });
  if (!settings) return clipSeconds ?? null;
  if (settings.fit === "resize" || settings.fit === "variable") return clipSeconds ?? null;
  return (settings.frames * settings.hop_samples) / settings.sample_rate_hz;
}
