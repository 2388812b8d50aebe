/** What a run of this experiment would take, measured a moment after the last edit; never in the way of Run. */
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import { queueOutlookQuery } from "@/api/queries";
import { describeProblem } from "@/i18n";
import { forecastTime } from "@/model/forecastTime";
import { Icon, Mark } from "@/ui/Icon";
import { bytes, clock, duration, number, preciseDuration, rate } from "@/ui/measures";
import { useNow } from "@/ui/useNow";

import { useGestures, useModeling } from "./ModelingContext";
import { type Measurement, type Probe, useIsBusy, useProbe } from "./probes";

/** A person who goes on editing is not followed by measurements. */
const WAIT_MS = 4_000;

export function RunForecast() {
  const { t } = useTranslation("modeling");
  const { experiment } = useModeling();
  const measurement = useProbe("forecast");
  const busy = useIsBusy();
  useStartByItself(measurement, busy);
  const { probe, canStart, start } = measurement;
  if (!experiment.analysis.can_run || !probe) return null;
  if (probe.state === "measuring") return <span className="forecast st live" role="status"><Mark name="live" />{t("forecast_measuring")}</span>;
  if (probe.state === "failed" && probe.problem) {
    const words = describeProblem(probe.problem);
    return <span className="forecast"><span className="ell" title={words.fix}>{t("forecast_failed", { reason: words.message })}</span> <ForecastButton disabled={!canStart} onStart={start} /></span>;
  }
  if (!probe.forecast) return busy ? <ForecastButton disabled={!canStart} onStart={start} /> : null;
  return <ForecastWords forecast={probe.forecast} />;
}

function useStartByItself({ probe, canStart, start }: Measurement, busy: boolean): void {
  const { experiment } = useModeling();
  const wanted = canStart && !busy && probe?.state === "none";
  useEffect(() => {
    if (!wanted) return undefined;
    const timer = setTimeout(start, WAIT_MS);
    return () => clearTimeout(timer);
    // Each edit begins the wait anew.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [wanted, experiment.revision]);
}

export function ForecastButton({ disabled, onStart }: { disabled: boolean; onStart: () => void }) {
  const { t } = useTranslation("modeling");
  return <button type="button" className="btn quiet sm" disabled={disabled} title={t("forecast_what")} onClick={onStart}><Icon name="clock" />{t("forecast")}</button>;
}

function ForecastWords({ forecast }: { forecast: NonNullable<Probe["forecast"]> }) {
  const { t } = useTranslation("modeling");
  const { experiment } = useModeling();
  const epochs = experiment.settings.epochs ?? 0;
  const { seconds, byLimit } = forecastTime(forecast, epochs, experiment.settings.time_limit_minutes ?? 0);
  const details = [
    t("forecast_speed", { rate: rate(forecast.examples_per_second) }),
    t("forecast_disk", { size: bytes(forecast.disk_bytes) }),
    t("forecast_free", { free: bytes(forecast.memory_free_bytes) }),
    ...(forecast.largest_batch ? [t("forecast_largest", { batch: number(forecast.largest_batch) })] : []),
    ...(forecast.corrected_by_run ? [t("forecast_by_run", { number: forecast.corrected_by_run })] : []),
    ...(forecast.beside_training && !forecast.corrected_by_run ? [t("forecast_beside")] : []),
  ];
  return (
    <span className="forecast num" title={details.join("\n")}>
      <span><b>{preciseDuration(forecast.seconds_per_epoch)}</b> {t("forecast_per_epoch")}</span>
      <EndWords seconds={seconds} byLimit={byLimit} />
      <MemoryWords forecast={forecast} />
    </span>
  );
}

/** When a run that takes `seconds` would be done: those before it in the queue come first. */
function EndWords({ seconds, byLimit }: { seconds: number; byLimit: boolean }) {
  const { t } = useTranslation("modeling");
  const { projectId } = useModeling();
  const now = useNow(true);
  const { data: outlook, dataUpdatedAt } = useQuery(queueOutlookQuery(projectId));
  const others = outlook?.others ?? 0;
  const limit = byLimit ? t("forecast_by_limit") : "";
  const after = others ? t("forecast_after", { count: others }) : "";
  if (others && outlook?.starts_in_seconds == null) return <span>{t("forecast_takes", { duration: duration(seconds) })}{limit}{after}</span>;
  const start = others ? Math.max(now, dataUpdatedAt + (outlook?.starts_in_seconds ?? 0) * 1_000) : now;
  const end = start + seconds * 1_000;
  return <span>{t("forecast_done", { time: clock(new Date(end)) })}{after}<span className="wide-only">{t("forecast_in", { duration: duration((end - now) / 1_000) })}</span>{limit}</span>;
}

/** The memory, and when it is not there, the batch that would fit as a button. */
function MemoryWords({ forecast }: { forecast: NonNullable<Probe["forecast"]> }) {
  const { t } = useTranslation("modeling");
  const { edit } = useGestures();
  const { memory_bytes: needed, memory_free_bytes: free, largest_batch: largest } = forecast;
  if (needed <= free) {
    return (
      <>
        <span><b>{bytes(needed)}</b> {t("forecast_memory")}</span>
        {largest ? <span className="wide-only">{t("forecast_largest", { batch: number(largest) })}</span> : null}
      </>
    );
  }
  return (
    <span className="forecast-short">
      <Icon name="alert" size={12} />{t("forecast_short", { needed: bytes(needed), free: bytes(free) })}
      {largest && largest < forecast.batch_size ? <button type="button" className="btn sm" onClick={() => edit([{ op: "set_setting", name: "batch_size", value: largest }])}>{t("set_batch", { batch: number(largest) })}</button> : null}
    </span>
  );
}
