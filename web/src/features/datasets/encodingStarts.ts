/** What an encoding begins with, and the named settings for sound. */
import { type Encoding, type SpectrogramSettings, TUTORIAL, type WaveformSettings } from "./columns";

export const PRESET_NAMES = ["tutorial_256", "tagging_128", "speech_16k"] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

/** The same values as `PRESETS` of the server's audio settings. */
export const PRESETS = {
  tutorial_256: TUTORIAL,
  tagging_128: { ...TUTORIAL, hop_samples: 690, mel_bands: 128, fit: "variable", trim_silence_db: 60 },
  speech_16k: { ...TUTORIAL, sample_rate_hz: 16_000, fft_samples: 512, hop_samples: 160, mel_bands: 64, max_hz: 8_000, frames: 100, fit: "variable" },
} satisfies Record<PresetName, SpectrogramSettings>;

const WAVEFORM: WaveformSettings = { sample_rate_hz: 16_000, samples: 16_000, fit: "crop", trim_silence_db: null, clip_normalization: "none" };
/** Longer values fill memory before anybody has asked for them. */
const LONGEST_START_SECONDS = 10;
const SAMPLES_STEP = 100;

/** As many samples as the recordings usually have; what shorter ones lack is repeated. */
function waveformStart(usualSeconds: number | null): WaveformSettings {
  if (usualSeconds === null || usualSeconds <= 0) return WAVEFORM;
  const samples = Math.min(usualSeconds, LONGEST_START_SECONDS) * WAVEFORM.sample_rate_hz;
  return { ...WAVEFORM, samples: Math.max(SAMPLES_STEP, Math.round(samples / SAMPLES_STEP) * SAMPLES_STEP) };
}

/** The named settings that these are; null when they are the person's own. */
export function presetOf(settings: SpectrogramSettings): PresetName | null {
  const keys = (Object.keys(TUTORIAL) as (keyof SpectrogramSettings)[]).filter((key) => key !== "clip_normalization");
  const same = (preset: SpectrogramSettings) => keys.every((key) => (preset[key] ?? null) === (settings[key] ?? null));
  return PRESET_NAMES.find((name) => same(PRESETS[name])) ?? null;
}

/** `usualSeconds`: how long the recordings are as a rule, where there are any. */
export function startEncoding(kind: Encoding["kind"], usualSeconds: number | null = null): Encoding {
  switch (kind) {
    case "spectrogram": return { kind, spectrogram: PRESETS.tagging_128, normalization: "standardize" };
    case "waveform": return { kind, waveform: waveformStart(usualSeconds), normalization: "none" };
    case "text": return { kind, tokens: "words", length: 64, vocabulary_size: 10_000, lowercase: true };
    case "categorical": return { kind, form: "one_hot", order: { by: "sorted" } };
    case "multi_label": return { kind, delimiter: ",", order: { by: "sorted" } };
    case "image": return { kind, image: { colour: "rgb", width: 128, height: 128, fit: "crop_and_resize" }, scaling: "zero_one" };
    case "numeric": return { kind, normalization: "none", decimal_comma: false };
    case "tensor": return { kind, normalization: "none" };
    case "binary": return { kind };
    case "none": return { kind };
  }
}
