import { expect, test } from "vitest";

import { trainingSeconds } from "@/ui/runTime";

const epoch = (seconds: number) => ({ epoch: 1, seconds, training: {}, validation: {} });

test("the time of a run is what its epochs took", () => {
  expect(trainingSeconds({ epochs: [epoch(2.5), epoch(3.5)] })).toBe(6);
  expect(trainingSeconds({ epochs: [] })).toBe(0);
});
