/** What audio settings mean in seconds, and which of them cannot be. */
import type { Encoding, SpectrogramSettings, WaveformSettings } from "./columns";

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
  return withNormalization({ kind: "spectrogram", spectrogram, normalization: "none" }, over, kind === "none" ? "standardize" : kind);
}

export type NormalizationOver = "dataset" | "clip";
type Normalization = "none" | "standardize" | "min_max";

/** Normalisation by the dataset's numbers or by each clip's own: one of the two, never both. */
export function normalizationIn(encoding: AudioEncoding): { over: NormalizationOver; kind: Normalization } {
  const ofClip = (encoding.kind === "spectrogram" ? encoding.spectrogram?.clip_normalization : encoding.waveform?.clip_normalization) ?? "none";
  return ofClip === "none" ? { over: "dataset", kind: encoding.normalization ?? "none" } : { over: "clip", kind: ofClip };
}

export function withNormalization(encoding: AudioEncoding, over: NormalizationOver, kind: Normalization): AudioEncoding {
  const clip_normalization = over === "clip" ? kind : "none";
  const normalization = over === "dataset" ? kind : "none";
  if (encoding.kind === "spectrogram") return { ...encoding, normalization, spectrogram: { ...(encoding.spectrogram as SpectrogramSettings), clip_normalization } };
  return { ...encoding, normalization, waveform: { ...(encoding.waveform as WaveformSettings), clip_normalization } };
}
