/** How many runs a group will be, and how long they will take, before it starts. */
import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/client";
import { duration } from "@/ui/measures";

export function ForecastLine({ forecast }: { forecast: Schemas["GroupForecast"] | undefined }) {
  const { t } = useTranslation("groups");
  if (!forecast) return <p className="t12 dim" role="status">{t("forecastAsked")}</p>;
  const time = forecast.seconds == null ? t("forecastUnknown") : t("forecastTime", { time: duration(forecast.seconds) });
  return <p className="t12 mut num" role="status"><b className="b6">{t("trialCount", { count: forecast.trials })}</b>{" · "}{time}</p>;
}
