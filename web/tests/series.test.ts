import { describe, expect, it } from "vitest";

import {
  decimalsFor, epochCells, epochTicks, epochsOf, lastEpochShown, markedPoints, metricsOf, metricsShown, niceTicks, prepareChart, readoutAt, runStyle, stylesByRun, valueAtBest,
  type Named, type Run,
} from "@/features/evaluation/series";
import { runShare } from "@/model/runShare";

function aRun(changes: Partial<Run> = {}): Run {
  const epochs = [0.2, 0.4, 0.35].map((lwlrap, place) => ({
    epoch: place + 1, seconds: 4, training: { loss: 0.7 - place * 0.1, lwlrap: lwlrap + 0.1 }, validation: { loss: 0.72 - place * 0.1, lwlrap },
  }));
  return {
    id: "run-1", project_id: "p", experiment_id: "e", experiment_name: "Experiment v1", number: 1, state: "running", queue_place: null,
    settings: { epochs: 10 } as Run["settings"], loss: "binary_crossentropy", metric_names: ["loss", "lwlrap"], best_by: "lwlrap", higher_is_better: true,
    progress: { epoch: 4, step: 5, steps_per_epoch: 10, examples_per_second: 20, seconds_left: 60 }, epochs, best_epoch: 2, best_value: 0.4, checkpoints: [],
    problem: null, created_at: "2026-01-01T10:00:00Z", started_at: null, ended_at: null, parameters: 10, data_hash: "abc", dataset_name: "Audio", version_number: 1, machine: null, can_continue: false,
    ...changes,
  } as Run;
}

const named = (run: Run): Named => ({ run, name: run.experiment_name, style: runStyle(0) });

describe("styles", () => {
  it("tells 36 runs apart by colour and marker", () => {
    const pairs = Array.from({ length: 36 }, (_, place) => runStyle(place)).map(({ color, marker }) => `${color} ${marker}`);
    expect(new Set(pairs).size).toBe(36);
  });

  it("keeps a run's style when a newer run is made", () => {
    const first = aRun();
    const second = aRun({ id: "run-2", created_at: "2026-01-02T10:00:00Z" });
    expect(stylesByRun([second, first]).get("run-1")).toEqual(stylesByRun([first]).get("run-1"));
  });
});

describe("scales", () => {
  it("covers the values with round steps", () => {
    expect(niceTicks(0.021, 0.114)).toEqual([0.02, 0.04, 0.06, 0.08, 0.1, 0.12]);
    expect(niceTicks(0, 1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(niceTicks(0.036, 0.111)).toEqual([0.02, 0.04, 0.06, 0.08, 0.1, 0.12]);
    expect(niceTicks(3, 3)).toEqual([3]);
  });

  it("shows as many digits as the steps need", () => {
    expect(decimalsFor([0, 0.25])).toBe(2);
    expect(decimalsFor([0, 0.025])).toBe(3);
    expect(decimalsFor([0, 20])).toBe(0);
  });

  it("names the first and the last epoch", () => {
    expect(epochTicks(30)).toEqual([1, 10, 20, 30]);
    expect(epochTicks(3)).toEqual([1, 2, 3]);
    expect(epochTicks(1)).toEqual([1]);
    expect(epochTicks(97).at(-1)).toBe(97);
  });

  it("lets the axis grow with the runs, at most to the epochs that are planned", () => {
    const planned = (epochs: number, state: Run["state"] = "running") => aRun({ state, settings: { epochs } as Run["settings"] });
    expect(lastEpochShown([planned(30)])).toBe(5);
    expect(lastEpochShown([planned(4)])).toBe(4);
    expect(lastEpochShown([planned(400, "stopped")])).toBe(3);
    const reached = (epoch: number) => aRun({ settings: { epochs: 300 } as Run["settings"], epochs: [{ ...(aRun().epochs[0] as Run["epochs"][number]), epoch }] });
    expect([40, 50, 99, 160, 299, 300].map((epoch) => lastEpochShown([reached(epoch)]))).toEqual([50, 75, 100, 200, 300, 300]);
  });
});

describe("a chart", () => {
  it("holds both subsets, the newest value and the best checkpoint", () => {
    const chart = prepareChart([named(aRun())], "lwlrap");
    expect(chart.series.map((line) => line.subset)).toEqual(["training", "validation"]);
    expect(chart.series[1]?.last).toEqual({ epoch: 3, value: 0.35 });
    expect(chart.best).toEqual([{ runId: "run-1", point: { epoch: 2, value: 0.4 }, style: runStyle(0) }]);
    expect(chart.lastEpoch).toBe(5);
    expect(chart.minimum).toBe(0);
  });

  it("marks the best checkpoint only on the metric that chose it", () => {
    expect(prepareChart([named(aRun())], "loss").best).toEqual([]);
  });

  it("leaves a gap where a value is not a number", () => {
    const run = aRun();
    run.epochs = run.epochs.map((each) => (each.epoch === 2 ? { ...each, validation: { loss: null as unknown as number, lwlrap: 0.3 } } : each));
    const line = prepareChart([named(run)], "loss").series.find((each) => each.subset === "validation");
    expect(line?.stretches.map((points) => points.map((point) => point.epoch))).toEqual([[1], [3]]);
  });

  it("reads all runs at one epoch and leaves out those that are not there yet", () => {
    const longer = aRun({ id: "run-2", experiment_name: "Experiment v2" });
    const shorter = aRun({ id: "run-1", epochs: aRun().epochs.slice(0, 1) });
    const chart = prepareChart([named(shorter), named(longer)], "lwlrap");
    expect(readoutAt(chart, 1).map((row) => row.name)).toEqual(["Experiment v1", "Experiment v2"]);
    expect(readoutAt(chart, 3)).toMatchObject([{ runId: "run-2", validation: 0.35 }]);
    expect(epochsOf(chart)).toEqual([1, 2, 3]);
  });

  it("draws before the first epoch has ended", () => {
    const chart = prepareChart([named(aRun({ epochs: [], best_epoch: null }))], "loss");
    expect(chart.series).toEqual([]);
    expect(chart.valueTicks.length).toBeGreaterThan(1);
  });

  it("always marks the last point", () => {
    const chart = prepareChart([named(aRun())], "lwlrap");
    const line = chart.series[1];
    expect(line && markedPoints(line, 2).map((point) => point.epoch)).toEqual([2, 3].slice(-1));
  });
});

describe("a run's numbers", () => {
  it("gives metrics at the best epoch", () => {
    expect(valueAtBest(aRun(), "loss")).toBeCloseTo(0.62);
    expect(valueAtBest(aRun({ epochs: [] }), "loss")).toBeNull();
  });

  it("lists metrics of runs of different kinds once, what picks the best checkpoint after the loss", () => {
    expect(metricsOf([aRun({ metric_names: ["loss", "recall", "lwlrap"] })])).toEqual(["loss", "lwlrap", "recall"]);
    expect(metricsOf([aRun(), aRun({ metric_names: ["loss", "accuracy"], best_by: "accuracy" })])).toEqual(["loss", "lwlrap", "accuracy"]);
  });

  it("knows how far it is", () => {
    expect(runShare(aRun())).toBeCloseTo(0.35);
    expect(runShare(aRun({ state: "done" }))).toBeCloseTo(0.3); // a limit ended it after 3 of 10 epochs
    expect(runShare(aRun({ state: "done", settings: { epochs: 3 } as Run["settings"] }))).toBe(1);
    expect(runShare(aRun({ progress: { ...aRun().progress, epoch: 0, step: 0 } }))).toBe(0);
    const goesOn = aRun({ continues: { run_id: "run-0", number: 1, epoch: 3 }, settings: { epochs: 5 } as Run["settings"] });
    expect([runShare(goesOn), epochCells(goesOn)]).toEqual([0.25, [0.5, 0]]);
    expect(runShare({ ...goesOn, progress: { ...goesOn.progress, epoch: 0, step: 0 } })).toBe(0);
    expect(epochCells(aRun())).toEqual([1, 1, 1, 0.5, 0, 0, 0, 0, 0, 0].map((fill) => expect.closeTo(fill)));
    expect(epochCells(aRun({ settings: { epochs: 500 } as Run["settings"] }))).toHaveLength(60);
  });
});

describe("which metrics are drawn", () => {
  const metrics = ["loss", "lwlrap", "precision", "recall", "f1", "roc_auc"];

  it("are the first few until a person chooses", () => {
    expect(metricsShown(metrics, null)).toEqual(["loss", "lwlrap", "precision", "recall"]);
  });

  it("keep their order, and are never none", () => {
    expect(metricsShown(metrics, new Set(["roc_auc", "loss"]))).toEqual(["loss", "roc_auc"]);
    expect(metricsShown(metrics, new Set(["accuracy"]))).toEqual(["loss", "lwlrap", "precision", "recall"]);
  });
});

describe("a run that is not validated at each epoch", () => {
  it("has one line through the epochs that were", () => {
    const run = aRun();
    run.epochs = run.epochs.map((epoch) => (epoch.epoch === 2 ? { ...epoch, validation: {} } : epoch));
    const line = prepareChart([{ run, name: "a", style: runStyle(0) }], "lwlrap").series.find(({ subset }) => subset === "validation");
    expect(line?.stretches.map((points) => points.map((point) => point.epoch))).toEqual([[1, 3]]);
  });
});
