import type { TFunction } from "i18next";
import { describe, expect, it } from "vitest";

import { settingFacts } from "@/features/evaluation/settingFacts";
import type { ParameterCard, Settings } from "@/model/document";

const words: Record<string, string> = { group_schedule: "Learning rate over time", group_augmentation: "Augmentation", group_optimizer: "Optimization", group_weights: "Weights and stages", list_comma: ", " };
const t = ((key: string, params?: { label: string; value?: string }) => (params ? `${params.label} ${params.value ?? "off"}` : words[key])) as unknown as TFunction<"fields">;

const card = (name: string, group: string, usual: unknown, en: string, zh: string, changes: object = {}) => ({ name, group, default: usual, label: { en, zh }, ...changes }) as unknown as ParameterCard;
const CARDS = [
  card("training_subset_id", "data", "", "Training", "训练"),
  card("batch_size", "length", 28, "Batch size", "批大小"),
  card("first_stage_subset_id", "weights", "", "First subset", "先用的子集"),
  card("optimizer", "optimizer", "adam", "Optimizer", "优化器"),
  card("momentum", "optimizer", 0.9, "Momentum", "动量", { only_with: { name: "optimizer", values: ["sgd"] } }),
  card("schedule", "schedule", "constant", "Schedule", "计划", { choices: [{ value: "cosine", label: { en: "Cosine", zh: "余弦" } }] }),
  card("warmup", "schedule", 0, "Warm-up", "预热"),
  card("mixup", "augmentation", 0, "Mixup", "混合"),
];
const facts = (settings: object, language = "en") => settingFacts(CARDS, settings as Settings, t, language);

describe("what a run was trained with beyond the usual", () => {
  it("is told by group, in the words of the cards and the screen's language", () => {
    const settings = { schedule: "cosine", warmup: 10, mixup: 0.2 };
    expect(facts(settings)).toEqual([["Learning rate over time", "Cosine, Warm-up 10"], ["Augmentation", "Mixup 0.2"]]);
    expect(facts(settings, "zh").map(([, value]) => value)).toEqual(["余弦, 预热 10", "混合 0.2"]);
  });

  it("leaves out what is usual, has no meaning now, or is told anyway", () => {
    expect(facts({ schedule: "constant", warmup: 0, batch_size: 64, optimizer: "adam", momentum: 0.5 })).toEqual([]);
    expect(facts({ training_subset_id: "s1", first_stage_subset_id: "s2" })).toEqual([]);
    expect(facts({ optimizer: "sgd", momentum: 0.5 })).toEqual([["Optimization", "Momentum 0.5"]]);
  });
});
