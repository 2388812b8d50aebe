/** How clips become numbers: every parameter as a control, heard and seen on a real clip while it moves. */
import { useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";

import { type AudioEncoding, type AudioFault, cutSeconds, faultOf, frameMs, usualSeconds, valueSeconds, windowMs, withPreset, withRate } from "./audioMeasures";
import { ClipPreview } from "./ClipPreview";
import { type Feature, isVariable, type SpectrogramSettings, type Version, type WaveformSettings } from "./columns";
import { PRESET_NAMES, type PresetName, PRESETS, presetOf, startEncoding } from "./encodingStarts";
import { useEdits } from "./featureEdits";
import { ChoiceField, SegmentField, SwitchField } from "./Fields";
import { NORMALIZATIONS, type NormalizationOver, normalizationIn, withNormalization } from "./normalization";
import { LiveField } from "./NumberFields";
import { useFileChoice } from "./useFileChoice";
import { usePreview } from "./usePreview";
import { useTrial } from "./useTrial";

const AUDIO_KINDS = ["spectrogram", "waveform"] as const;

/** Told what is tried and not applied. */
export type Trial = (name: string, encoding: AudioEncoding | null) => void;
type Put<Settings> = (part: Partial<Settings>) => void;

export function AudioSettings({ version, feature, onApply, onTrial }: { version: Version; feature: Feature; onApply: (encoding: AudioEncoding) => void; onTrial: Trial }) {
  const { t } = useTranslation("table");
  const { editable, isPending } = useEdits();
  const kept = complete(feature.encoding as AudioEncoding);
  const { tried, setTried: setEncoding, isChanged } = useTrial(kept);
  // A version that was saved meanwhile is told as it is, whatever was tried in its draft.
  const encoding = editable ? tried : kept;
  const changed = isChanged && editable;
  const clips = useFileChoice(version, feature);
  const fault = encoding.kind === "spectrogram" && encoding.spectrogram ? faultOf(encoding.spectrogram) : null;
  const state = usePreview(version.id, clips.row?.index ?? null, feature.name, encoding, fault === null);
  const standId = useId();
  const unapplied = changed ? JSON.stringify(encoding) : null;
  useEffect(() => {
    onTrial(feature.name, unapplied === null ? null : (JSON.parse(unapplied) as AudioEncoding));
    return () => onTrial(feature.name, null);
  }, [feature.name, unapplied, onTrial]);
  return (
    <div className="dt-sound">
      <ChoiceField<AudioEncoding["kind"]>
        label={t("becomes")} hint={t(`kindWords.${encoding.kind}`)} value={encoding.kind} disabled={!editable} choices={AUDIO_KINDS.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))}
        onChange={(kind) => setEncoding(kind === kept.kind ? kept : (startEncoding(kind, usualSeconds(feature)) as AudioEncoding))}
      />
      <ClipPreview version={version} feature={feature} encoding={encoding} clips={clips} state={state}>
        {encoding.kind === "spectrogram" && encoding.spectrogram ? <PresetField settings={encoding.spectrogram} onChange={(spectrogram) => setEncoding(withPreset(encoding, spectrogram))} /> : null}
      </ClipPreview>
      <Result encoding={encoding} feature={feature} tookMs={state.tookMs} />
      {encoding.kind === "spectrogram" && encoding.spectrogram
        ? <SpectrogramFields settings={encoding.spectrogram} fault={fault} onChange={(spectrogram) => setEncoding({ ...encoding, spectrogram })} />
        : null}
      {encoding.kind === "waveform" && encoding.waveform ? <WaveformFields settings={encoding.waveform} onChange={(waveform) => setEncoding({ ...encoding, waveform })} /> : null}
      <NormalizationFields key={encoding.kind} encoding={encoding} onChange={setEncoding} />
      {editable ? (
        <div className="dt-apply">
          <span id={standId} className="t12 dim sp">{t(!changed ? "applied" : fault ? "notApplicable" : "notApplied")}</span>
          <button type="button" className="btn" disabled={!changed} aria-describedby={standId} onClick={() => setEncoding(kept)}><Icon name="undo" size={12} />{t("resetSettings")}</button>
          <button type="button" className="btn primary" disabled={!changed || fault !== null || isPending} aria-describedby={standId} onClick={() => onApply(encoding)}>{t("apply")}</button>
        </div>
      ) : null}
    </div>
  );
}

/** Settings with every field in it. */
function complete(encoding: AudioEncoding): AudioEncoding {
  const start = startEncoding(encoding.kind);
  if (encoding.kind === "spectrogram" && start.kind === "spectrogram") return { ...encoding, spectrogram: { ...start.spectrogram, ...encoding.spectrogram } as SpectrogramSettings, normalization: encoding.normalization ?? "none" };
  if (encoding.kind === "waveform" && start.kind === "waveform") return { ...encoding, waveform: { ...start.waveform, ...encoding.waveform } as WaveformSettings, normalization: encoding.normalization ?? "none" };
  return encoding;
}

/** What one frame means, how much sound is in one value, what of longer recordings goes, how long the drawing took. */
function Result({ encoding, feature, tookMs }: { encoding: AudioEncoding; feature: Feature; tookMs: number | null }) {
  const { t } = useTranslation("table");
  const spectrogram = encoding.kind === "spectrogram" ? encoding.spectrogram : null;
  const cut = cutSeconds(encoding, feature);
  return (
    <>
      <dl className="kv dt-result">
        {spectrogram ? <><dt>{t("oneFrame")}</dt><dd className="num">{t("frameWords", { frame: number(frameMs(spectrogram), 1), window: number(windowMs(spectrogram), 1) })}</dd></> : null}
        <dt>{t(isVariable(encoding) ? "cropLength" : "valueLength")}</dt><dd className="num">{t("secondsLong", { seconds: number(valueSeconds(encoding), 2) })}</dd>
        {tookMs === null ? null : <><dt>{t("drawnIn")}</dt><dd className="num">{t("milliseconds", { count: Math.round(tookMs) })}</dd></>}
      </dl>
      {cut ? <p className="t12 mut">{t("cutWords", { kept: number(cut.kept, 2), usual: number(cut.usual, 1), longest: number(cut.longest, 1) })}</p> : null}
    </>
  );
}

const RATES_HZ = [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000] as const;

function RateField({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  const { t } = useTranslation("table");
  const { editable } = useEdits();
  const rates = [...new Set<number>([...RATES_HZ, value])].sort((a, b) => a - b);
  return <ChoiceField label={t("sampleRate")} hint={t("sampleRateHint")} value={String(value)} disabled={!editable} choices={rates.map((each) => ({ value: String(each), label: `${number(each)} Hz` }))} onChange={(next) => onChange(Number(next))} />;
}

function PresetField({ settings, onChange }: { settings: SpectrogramSettings; onChange: (settings: SpectrogramSettings) => void }) {
  const { t } = useTranslation("table");
  const disabled = !useEdits().editable;
  return (
    <SegmentField<PresetName | "custom">
      label={t("preset")} inPairs value={presetOf(settings) ?? "custom"} disabled={disabled} choices={[...PRESET_NAMES.map((each) => ({ value: each, label: t(`preset.${each}`) })), { value: "custom", label: t("preset.custom") }]}
      onChange={(name) => name !== "custom" && onChange(PRESETS[name])}
    />
  );
}

function SpectrogramFields({ settings, fault, onChange }: { settings: SpectrogramSettings; fault: AudioFault | null; onChange: (settings: SpectrogramSettings) => void }) {
  const { t } = useTranslation("table");
  const disabled = !useEdits().editable;
  const put: Put<SpectrogramSettings> = (part) => onChange({ ...settings, ...part });
  const errorAt = (field: AudioFault["field"]) => (fault?.field === field ? t(`fault.${fault.code}`, { half: number(settings.sample_rate_hz / 2), highest: number(settings.max_hz) }) : null);
  const half = settings.sample_rate_hz / 2;
  return (
    <>
      <RateField value={settings.sample_rate_hz} onChange={(rate) => onChange(withRate(settings, rate))} />
      <LiveField label={t("fft")} hint={t("fftHint")} value={settings.fft_samples} min={32} max={16_384} step={32} scale="log" disabled={disabled} onChange={(fft_samples) => put({ fft_samples })} />
      <LiveField label={t("hop")} hint={t("hopHint")} value={settings.hop_samples} min={16} max={8_192} scale="log" disabled={disabled} onChange={(hop_samples) => put({ hop_samples })} />
      <LiveField label={t("melBands")} hint={t("melBandsHint")} value={settings.mel_bands} min={8} max={512} disabled={disabled} onChange={(mel_bands) => put({ mel_bands })} />
      <LiveField label={t("minHz")} hint={t("minHzHint")} unit="Hz" error={errorAt("min_hz")} value={settings.min_hz} min={0} max={Math.min(4_000, half)} step={10} disabled={disabled} onChange={(min_hz) => put({ min_hz })} />
      <LiveField label={t("maxHz")} hint={t("maxHzHint")} unit="Hz" error={errorAt("max_hz")} value={settings.max_hz} min={100} max={half} step={10} scale="log" disabled={disabled} onChange={(max_hz) => put({ max_hz })} />
      <LiveField label={t("range")} hint={t("rangeHint")} unit="dB" value={settings.dynamic_range_db} min={20} max={120} disabled={disabled} onChange={(dynamic_range_db) => put({ dynamic_range_db })} />
      <SegmentField label={t("reference")} hint={t(`referenceWords.${settings.reference}`)} value={settings.reference} disabled={disabled} choices={(["clip_maximum", "one"] as const).map((each) => ({ value: each, label: t(`reference.${each}`) }))} onChange={(reference) => put({ reference })} />
      <LengthFields fits={["crop", "pad", "resize"]} fit={settings.fit} onFit={(fit) => put({ fit })} />
      <LiveField label={t("frames")} hint={t(settings.fit === "variable" ? "framesVariableHint" : "framesHint")} value={settings.frames} min={8} max={4_096} scale="log" disabled={disabled} onChange={(frames) => put({ frames })} />
      <TrimFields value={settings.trim_silence_db ?? null} onChange={(trim_silence_db) => put({ trim_silence_db })} />
    </>
  );
}

const SECONDS_STEP = 100;

function WaveformFields({ settings, onChange }: { settings: WaveformSettings; onChange: (settings: WaveformSettings) => void }) {
  const { t } = useTranslation("table");
  const disabled = !useEdits().editable;
  const put: Put<WaveformSettings> = (part) => onChange({ ...settings, ...part });
  return (
    <>
      <RateField value={settings.sample_rate_hz} onChange={(sample_rate_hz) => put({ sample_rate_hz })} />
      <LengthFields fits={["crop", "pad"]} fit={settings.fit} onFit={(fit) => put({ fit })} />
      <LiveField label={t("samples")} hint={t(settings.fit === "variable" ? "samplesVariableHint" : "samplesHint")} value={settings.samples} min={SECONDS_STEP} max={settings.sample_rate_hz * 30} step={SECONDS_STEP} scale="log" disabled={disabled} onChange={(samples) => put({ samples })} />
      <TrimFields value={settings.trim_silence_db ?? null} onChange={(trim_silence_db) => put({ trim_silence_db })} />
    </>
  );
}

/** One size for all clips, and how it is reached; or every clip as long as it is. */
function LengthFields<Fit extends "crop" | "pad" | "resize">({ fits, fit, onFit }: { fits: readonly Fit[]; fit: Fit | "variable"; onFit: (fit: Fit | "variable") => void }) {
  const { t } = useTranslation("table");
  const disabled = !useEdits().editable;
  const first = fits[0] as Fit;
  return (
    <>
      <SegmentField label={t("lengthOf")} hint={fit === "variable" ? t("fitWords.variable") : undefined} value={fit === "variable" ? "variable" : "fixed"} disabled={disabled} choices={(["fixed", "variable"] as const).map((each) => ({ value: each, label: t(`lengthOf.${each}`) }))} onChange={(next) => onFit(next === "variable" ? "variable" : first)} />
      {fit === "variable" ? null : <SegmentField<Fit> label={t("otherLength")} hint={t(`fitWords.${fit}`)} value={fit} disabled={disabled} choices={fits.map((each) => ({ value: each, label: t(`fit.${each}`) }))} onChange={onFit} />}
    </>
  );
}

const TRIM_START_DB = 60;

function TrimFields({ value, onChange }: { value: number | null; onChange: (value: number | null) => void }) {
  const { t } = useTranslation("table");
  const disabled = !useEdits().editable;
  return (
    <>
      <SwitchField label={t("trim")} hint={t("trimHint")} checked={value !== null} disabled={disabled} onChange={(on) => onChange(on ? TRIM_START_DB : null)} />
      {value === null ? null : <LiveField label={t("trimDb")} hint={t("trimDbHint")} unit="dB" value={value} min={10} max={120} disabled={disabled} onChange={onChange} />}
    </>
  );
}

function NormalizationFields({ encoding, onChange }: { encoding: AudioEncoding; onChange: (encoding: AudioEncoding) => void }) {
  const { t } = useTranslation("table");
  const { t: old } = useTranslation("datasets");
  const disabled = !useEdits().editable;
  const { kind, over: inUse } = normalizationIn(encoding);
  const [wished, setOver] = useState<NormalizationOver>(inUse);
  // Where nothing is normalised the encoding cannot say over what; then the last choice counts.
  const over = kind === "none" ? wished : inUse;
  return (
    <>
      <SegmentField label={old("normalization")} value={kind} disabled={disabled} choices={NORMALIZATIONS.map((each) => ({ value: each, label: old(`normalization.${each}`) }))} onChange={(next) => onChange(withNormalization(encoding, { over, kind: next }))} />
      {kind === "none" ? null : <SegmentField label={t("measuredOver")} hint={t(`overWords.${over}`)} value={over} disabled={disabled} choices={(["dataset", "clip"] as const).map((each) => ({ value: each, label: t(`over.${each}`) }))} onChange={(next) => { setOver(next); onChange(withNormalization(encoding, { over: next, kind })); }} />}
    </>
  );
}
