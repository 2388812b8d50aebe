/** How long a run takes by its forecast: all its epochs, or as long as its time limit lets it. */
import type { Schemas } from "@/api/client";

type Forecast = Pick<Schemas["Forecast"], "start_seconds" | "seconds_per_epoch">;

/** Args: minutes of training that end it, 0 for no limit; its first epoch is finished in any case. */
export function forecastTime(forecast: Forecast, epochs: number, limitMinutes: number): { seconds: number; byLimit: boolean } {
  const ofAll = epochs * forecast.seconds_per_epoch;
  const limit = Math.max(limitMinutes * 60, forecast.seconds_per_epoch);
  const byLimit = limitMinutes > 0 && limit < ofAll;
  return { seconds: forecast.start_seconds + (byLimit ? limit : ofAll), byLimit };
}
