/** How many runs a group will be, and how long they will take, before it starts. */
import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/client";
import { Mark } from "@/ui/Icon";
import { duration } from "@/ui/measures";

import { useProbe } from "./probes";
import { ForecastButton } from "./RunForecast";

export function ForecastLine({ forecast }: { forecast: Schemas["GroupForecast"] | undefined }) {
  const { t } = useTranslation("groups");
  if (!forecast) return <p className="t12 dim" role="status">{t("forecastAsked")}</p>;
  return (
    <div className="group-forecast t12 mut">
      <p className="num" role="status"><b className="b6">{t("trialCount", { count: forecast.trials })}</b>{" · "}{forecast.seconds == null ? t("forecastUnknown") : t("forecastTime", { time: duration(forecast.seconds) })}</p>
      {forecast.seconds == null ? <MeasureFirst /> : null}
    </div>
  );
}

/** A measurement of the experiment tells what its trials take. */
function MeasureFirst() {
  const { t } = useTranslation("modeling");
  const { probe, canStart, start } = useProbe("forecast");
  if (probe?.state === "measuring") return <p className="st live" role="status"><Mark name="live" />{t("forecast_measuring")}</p>;
  return <ForecastButton disabled={!canStart} onStart={start} />;
}
