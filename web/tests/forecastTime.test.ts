import { expect, it } from "vitest";

import { forecastTime } from "@/model/forecastTime";

const forecast = { start_seconds: 5, seconds_per_epoch: 2 };

it("a run takes all its epochs, or as long as its time limit lets it, and its first epoch in any case", () => {
  expect(forecastTime(forecast, 100, 0)).toEqual({ seconds: 205, byLimit: false });
  expect(forecastTime(forecast, 100, 0.3)).toEqual({ seconds: 23, byLimit: true });
  expect(forecastTime(forecast, 100, 0.001)).toEqual({ seconds: 7, byLimit: true });
  expect(forecastTime(forecast, 100, 10)).toEqual({ seconds: 205, byLimit: false });
});
