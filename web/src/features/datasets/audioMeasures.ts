/** What audio settings mean in seconds, and which of them cannot be. */
import type { Encoding, Feature, SpectrogramSettings } from "./columns";
import { normalizationIn, withNormalization } from "./normalization";

export type AudioEncoding = Extract<Encoding, { kind: "spectrogram" | "waveform" }>;
export type AudioFault = { field: "min_hz" | "max_hz"; code: "above_half_rate" | "edges_crossed" };

/** From one frame to the next, and the length of sound that one frame looks at. */
export const frameMs = (settings: Pick<SpectrogramSettings, "hop_samples" | "sample_rate_hz">): number => (1_000 * settings.hop_samples) / settings.sample_rate_hz;
export const windowMs = (settings: Pick<SpectrogramSettings, "fft_samples" | "sample_rate_hz">): number => (1_000 * settings.fft_samples) / settings.sample_rate_hz;

/** Seconds of sound in one value, or in one crop where clips are kept whole. */
export function valueSeconds(encoding: AudioEncoding): number {
  if (encoding.kind === "waveform") return encoding.waveform ? encoding.waveform.samples / encoding.waveform.sample_rate_hz : 0;
  return encoding.spectrogram ? (encoding.spectrogram.frames * encoding.spectrogram.hop_samples) / encoding.spectrogram.sample_rate_hz : 0;
}

/** How long a recording is as a rule; null where the feature holds none. */
export const usualSeconds = (feature: Pick<Feature, "type" | "histogram">): number | null => (feature.type === "audio" ? (feature.histogram.median ?? null) : null);

/** What a fixed length keeps of the recordings, where some are longer; null where nothing is cut off. */
export function cutSeconds(encoding: AudioEncoding, feature: Pick<Feature, "type" | "histogram">): { kept: number; usual: number; longest: number } | null {
  const fit = encoding.kind === "waveform" ? encoding.waveform?.fit : encoding.spectrogram?.fit;
  const usual = usualSeconds(feature);
  const longest = feature.histogram.maximum ?? null;
  const kept = valueSeconds(encoding);
  if (fit === "variable" || fit === "resize" || usual === null || longest === null || longest - kept < SHORTEST_TOLD_SECONDS) return null;
  return { kept, usual, longest };
}

/** A frame's rounding is no sound that is lost. */
const SHORTEST_TOLD_SECONDS = 0.05;

export function faultOf(settings: SpectrogramSettings): AudioFault | null {
  if (settings.max_hz > settings.sample_rate_hz / 2) return { field: "max_hz", code: "above_half_rate" };
  if (settings.min_hz >= settings.max_hz) return { field: "min_hz", code: "edges_crossed" };
  return null;
}

/** Another rate; the upper edge follows when it was at half the old rate or would lie above half the new one. */
export function withRate(settings: SpectrogramSettings, sampleRateHz: number): SpectrogramSettings {
  const half = sampleRateHz / 2;
  const followed = settings.max_hz >= settings.sample_rate_hz / 2 || settings.max_hz > half;
  return { ...settings, sample_rate_hz: sampleRateHz, max_hz: followed ? half : settings.max_hz };
}

/** Named settings, with values that a network learns well from unless the person has chosen others. */
export function withPreset(encoding: AudioEncoding, spectrogram: SpectrogramSettings): AudioEncoding {
  const { over, kind } = normalizationIn(encoding);
  return withNormalization({ kind: "spectrogram", spectrogram, normalization: "none" }, { over, kind: kind === "none" ? "standardize" : kind });
}
