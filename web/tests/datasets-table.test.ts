import { expect, test, vi } from "vitest";

import { type AudioEncoding, cutSeconds, faultOf, frameMs, usualSeconds, valueSeconds, windowMs, withPreset, withRate } from "@/features/datasets/audioMeasures";
import { classesIn, classesOfCells, type Column, columnsOf, countsOfClasses, type Feature, fileName, frequencyMarks, isVariable, pictureAddress, shownSeconds, timeMarks } from "@/features/datasets/columns";
import { PRESETS, presetOf, startEncoding } from "@/features/datasets/encodingStarts";
import { changeOf, missingChoice, normalizationChanges, withMissing } from "@/features/datasets/featureEdits";
import { namesFound, withToggled } from "@/features/datasets/featurePick";
import { LatestOnly } from "@/features/datasets/latestOnly";
import { normalizationChoices, normalizationIn, withNormalization } from "@/features/datasets/normalization";
import { blocksOf, conditionOf, EVERY_ROW, isFiltered, isPicked, joinedRow, operatorsOf, pageRows, type Row, rowQuery } from "@/features/datasets/rowPages";
import { countsAlready, settled } from "@/features/datasets/typedNumber";
import { followed } from "@/features/datasets/useTrial";
import { outline } from "@/features/datasets/waveformOutline";

vi.stubGlobal("localStorage", { getItem: () => "en", setItem: () => undefined });
vi.stubGlobal("document", { documentElement: {} });

const HISTOGRAM = { counts: [1, 2] };

function feature(name: string, change: Partial<Feature> = {}): Feature {
  return { name, column: name, type: "numeric", shape: [1], encoding: { kind: "numeric", normalization: "none", decimal_comma: false }, histogram: HISTOGRAM, missing_rows: 0, missing: null, ...change };
}

test("sounds and pictures come first, then sets, then classes, and members of a set not again", () => {
  const features = [feature("size"), feature("label_0", { type: "binary", encoding: { kind: "binary" } }), feature("tags", { type: "multi_label", encoding: startEncoding("multi_label") }), feature("clip", { type: "audio", encoding: startEncoding("spectrogram") })];
  const feature_sets = [{ id: "s", name: "labels", features: ["label_0"], shape: [1], kind: "binary" as const, several_true_rows: 0, counts: [1] }];
  const names = (columns: Column[]) => columns.map((each) => each.name);
  expect(names(columnsOf({ features, feature_sets }, ""))).toEqual(["clip", "labels", "tags", "size"]);
  expect(names(columnsOf({ features, feature_sets }, "label"))).toEqual(["labels", "label_0"]);
});

test("gaps that are a class of their own are counted with the others, and no cell holds that class", () => {
  const histogram = { counts: [5, 3, 2], labels: ["cat", "dog", "(missing)"], distinct: 2 };
  const kind = feature("kind", { type: "categorical", classes: ["bee", "cat", "dog", "(missing)"], histogram, missing_rows: 2, missing: { kind: "own_category" } });
  expect((kind.classes ?? []).map(countsOfClasses(kind))).toEqual([0, 5, 3, 2]);
  expect(classesOfCells(kind)).toEqual(["bee", "cat", "dog"]);
  expect(classesOfCells({ ...kind, missing: { kind: "leave_out" } })).toHaveLength(4);
  const many = feature("many", { histogram: { ...histogram, distinct: 40 } });
  expect(["cat", "bee"].map(countsOfClasses(many))).toEqual([5, null]);
  // One word more than bars: it was counted, but not told, and is no class of a template without rows.
  expect(countsOfClasses({ ...kind, histogram: { ...histogram, distinct: 3 } })("bee")).toBe(null);
});

test("a page is smaller when a row has thousands of values", () => {
  expect(pageRows(5)).toBe(100);
  expect(pageRows(1_000)).toBe(60);
  expect(pageRows(16_384)).toBe(10);
});

test("neighbouring columns are asked for together, with every member of a set of classes", () => {
  const features = [...Array.from({ length: 50 }, (_, nth) => feature(`x${nth}`)), feature("Bark"), feature("Meow")];
  const classes = { id: "s", name: "labels", features: ["Bark", "Meow"], shape: [2], kind: "binary" as const, several_true_rows: 0, counts: [1, 1] };
  const numbers = { ...classes, id: "n", name: "many", kind: "numeric" as const, features: features.slice(0, 40).map((each) => each.name) };
  const blocks = blocksOf(columnsOf({ features, feature_sets: [classes, numbers] }, ""));
  expect(blocks.map(({ first, end }) => [first, end])).toEqual([[0, 12]]);
  expect(blocks[0]?.features.slice(0, 9)).toEqual(["Bark", "Meow", "x0", "x1", "x2", "x3", "x4", "x5", "x40"]);
  const many = blocksOf(columnsOf({ features, feature_sets: [] }, ""));
  expect(many.map(({ first, end }) => [first, end])).toEqual([[0, 24], [24, 48], [48, 52]]);
  expect(many.flatMap((each) => each.features)).toEqual(features.map((each) => each.name));
});

test("a row is joined of the blocks that tell of the same one, and stays the same object", () => {
  const told = (index: number, values: Row["values"]): Row => ({ index, values, subset_ids: [], source: "", corrected: [], media: {} });
  const [newest, other, moved] = [told(7, { a: 1 }), told(7, { b: 2 }), told(3, { c: 3 })];
  expect(joinedRow([])).toBeUndefined();
  expect(joinedRow([undefined, other])).toBe(other);
  expect(joinedRow([newest, undefined, moved, other])).toMatchObject({ index: 7, values: { a: 1, b: 2 } });
  expect(joinedRow([newest, other])).toBe(joinedRow([newest, moved, other]));
  expect(joinedRow([newest, told(7, { b: 5 })])?.values).toEqual({ a: 1, b: 5 });
});

test("all filters must be true, and one that asks for gaps has no value", () => {
  const one = { feature: "size", operator: "less" as const, value: 3 };
  expect(conditionOf([])).toBeNull();
  expect(conditionOf([one])).toMatchObject({ kind: "compare", feature: "size", operator: "less", value: 3 });
  const both = conditionOf([one, { feature: "tags", operator: "is_empty", value: "old" }]);
  expect(both).toMatchObject({ kind: "and" });
  expect(both?.parts?.[1]).toMatchObject({ operator: "is_empty", value: null });
});

test("a query carries the sorting, the subset, the finding and the words", () => {
  const choice = { ...EVERY_ROW, sortBy: "size", descending: true, subsetId: "sub", finding: "f1", search: "  dog " };
  expect(rowQuery(choice, 100, 50)).toEqual({ offset: 100, limit: 50, sort_by: "size", descending: true, condition: null, subset_id: "sub", finding: "f1", search: "dog", left_out: null, features: null });
  expect(rowQuery(choice, 0, 1, ["size"]).features).toEqual(["size"]);
  expect(rowQuery({ ...EVERY_ROW, leftOut: true }, 0, 50).left_out).toBe(true);
  expect(isFiltered(EVERY_ROW)).toBe(false);
  expect(isFiltered({ ...EVERY_ROW, sortBy: "size" })).toBe(false);
  expect(isFiltered(choice)).toBe(true);
  expect(isFiltered({ ...EVERY_ROW, leftOut: true })).toBe(true);
});

test("only rows that were looked for are offered to be left out together, not a whole subset", () => {
  expect(isPicked({ ...EVERY_ROW, subsetId: "sub" })).toBe(false);
  expect(isPicked({ ...EVERY_ROW, subsetId: "sub", finding: "silent_audio:clip" })).toBe(true);
  expect(isPicked({ ...EVERY_ROW, search: "dog" })).toBe(true);
});

test("numbers can be compared by size, words cannot", () => {
  expect(operatorsOf("numeric")).toContain("at_least");
  expect(operatorsOf("categorical")).not.toContain("less");
  expect(operatorsOf("multi_label")[0]).toBe("contains");
});

test("a refused change is sent again with the choice on its gaps", () => {
  const refused = [changeOf(["dose"], { type: "numeric" })];
  expect(withMissing(refused, missingChoice("numeric", "median", ""))).toEqual([{ names: ["dose"], change: { type: "numeric", missing_undecided: false, missing: { kind: "median" } } }]);
});

test("a constant of numbers is a number, with a point or a comma; other words are sent as they are", () => {
  expect(missingChoice("numeric", "constant", "1,5")).toEqual({ kind: "constant", value: 1.5 });
  expect(missingChoice("binary", "constant", "0")).toEqual({ kind: "constant", value: 0 });
  expect(missingChoice("numeric", "constant", "none")).toEqual({ kind: "constant", value: "none" });
  expect(missingChoice("categorical", "constant", "1")).toEqual({ kind: "constant", value: "1" });
});

test("the same normalisation for many leaves every other setting as it is", () => {
  const features = [feature("a"), feature("b", { encoding: { kind: "numeric", normalization: "none", decimal_comma: true } }), feature("c", { type: "text", encoding: { kind: "none" } }), feature("d")];
  expect(normalizationChanges(features, "min_max")).toEqual([
    changeOf(["a", "d"], { encoding: { kind: "numeric", normalization: "min_max", decimal_comma: false } }),
    changeOf(["b"], { encoding: { kind: "numeric", normalization: "min_max", decimal_comma: true } }),
  ]);
});

test("features are found by a word, a pattern or an expression", () => {
  const names = ["fname", "label_01", "label_02", "xlabel_3", "a.b"];
  expect(namesFound(names, "label", false).names).toEqual(["label_01", "label_02", "xlabel_3"]);
  expect(namesFound(names, "label_*", false).names).toEqual(["label_01", "label_02"]);
  expect(namesFound(names, "LABEL_0?", false).names).toEqual(["label_01", "label_02"]);
  expect(namesFound(names, "a.?", false).names).toEqual(["a.b"]);
  expect(namesFound(names, "[12]$", true).names).toEqual(["label_01", "label_02"]);
  expect(namesFound(names, "[", true)).toEqual({ names: [], broken: true });
  expect(namesFound(names, "", false).names).toHaveLength(5);
});

test("shift ticks a range of those shown, in both directions", () => {
  const shown = ["a", "b", "c", "d"];
  expect([...withToggled(new Set(["z"]), shown, "b", null)]).toEqual(["z", "b"]);
  expect([...withToggled(new Set(["a"]), shown, "c", "a")]).toEqual(["a", "b", "c"]);
  expect([...withToggled(new Set(["a", "b", "c", "d"]), shown, "b", "d")]).toEqual(["a"]);
  expect([...withToggled(new Set(), shown, "b", "gone")]).toEqual(["b"]);
});

test("the numbers of a column have the same digits after the point", async () => {
  const { decimalsOf, numberInCell } = await import("@/features/datasets/cellNumbers");
  const decimals = decimalsOf({ minimum: 470.2, median: 4_204, maximum: 7_913.3 });
  expect(decimals).toBe(1);
  expect(numberInCell(6_756, decimals)).toBe("6,756.0");
  expect(decimalsOf({ minimum: 0.123_456, median: 0.5, maximum: 0.9 })).toBe(4);
  expect(decimalsOf({ minimum: 470.123, median: 4_204, maximum: 7_913.3 })).toBe(2);
  expect(numberInCell(3, decimalsOf({ minimum: 0, median: 2, maximum: 9 }))).toBe("3");
  expect(numberInCell(3, decimalsOf({ minimum: 0, median: 499_999.5, maximum: 999_999 }))).toBe("3");
  expect(numberInCell(0.000_01, 4)).toBe("1.000e−5");
});

test("the details of a row round nothing", async () => {
  const { exactNumber } = await import("@/features/datasets/cellNumbers");
  expect([0.0295, 1_234_567.125, 12, -0.5, 1.5e-7, 1e21].map(exactNumber)).toEqual(["0.0295", "1,234,567.125", "12", "−0.5", "1.5e-7", "1e+21"]);
});

test("a compared feature tells its values once, with the cells", async () => {
  const { changeLines } = await import("@/features/datasets/CompareDialog");
  const summary = { id: "v", dataset_id: "d", number: 1, state: "draft" as const, rows: 2, run_count: 0, bytes: 0 };
  const changed = (name: string, count: number) => ({ name, change: "changed" as const, changed_values: count, cells: [{ row: 3, before: "dog", after: "cat" }] });
  const nothing = { before: summary, after: summary, rows_added: 0, rows_left_out: 0, rows_taken_back: 0, rows_removed: 0, feature_sets_added: [], feature_sets_removed: [], subsets: [], same_content: false };
  const told = (features: ReturnType<typeof changed>[]) => changeLines({ ...nothing, values_changed: features.length, features }, (key) => key).map((line) => line.words);
  expect(told([changed("label", 1)])).toEqual(["featureValues"]);
  expect(told([changed("label", 1), changed("size", 1)])).toEqual(["valuesChanged", "featureValues", "featureValues"]);
});

test("a cell of several classes is cut at its delimiter", () => {
  expect(classesIn("Bark, Buzz,", ",")).toEqual(["Bark", "Buzz"]);
  expect(classesIn(null, ",")).toEqual([]);
});

test("the address of a picture changes with the settings and not with anything else", () => {
  const version = { id: "v", content_hash: null };
  const plain = pictureAddress("/api/v1", version, 3, feature("a b"), 480);
  expect(plain).toBe(pictureAddress("/api/v1", version, 3, feature("a b", { missing_rows: 7 }), 480));
  expect(plain).toContain("/rows/3/picture.png?feature=a%20b&");
  expect(plain).not.toBe(pictureAddress("/api/v1", version, 3, feature("a b", { encoding: startEncoding("spectrogram") }), 480));
});

test("axes tell the hertz on the mel scale and the seconds that a picture shows", () => {
  const marks = frequencyMarks({ min_hz: 20, max_hz: 22_050 });
  expect(marks.map((each) => each.label)).toEqual(["16k", "4k", "1k"]);
  expect(marks.map((each) => each.at)).toEqual([...marks.map((each) => each.at)].sort((a, b) => a - b));
  expect(timeMarks(4, 1).map((each) => each.label)).toEqual(["1.0", "2.0", "3.0", "4.0", "5.0"]);
  expect(shownSeconds({ kind: "spectrogram", spectrogram: PRESETS.tutorial_256, normalization: "none" }, 30)).toBeCloseTo(4.03, 2);
  expect(shownSeconds({ kind: "spectrogram", spectrogram: PRESETS.tagging_128, normalization: "none" }, 30)).toBe(30);
  expect(shownSeconds(startEncoding("waveform"), 30)).toBe(30);
});

test("settings are recognised by name, and are the person's own after any change", () => {
  expect(presetOf(PRESETS.speech_16k)).toBe("speech_16k");
  expect(presetOf({ ...PRESETS.tutorial_256, trim_silence_db: undefined })).toBe("tutorial_256");
  expect(presetOf({ ...PRESETS.tutorial_256, hop_samples: 700 })).toBeNull();
});

test("settings mean milliseconds and seconds", () => {
  expect(frameMs(PRESETS.speech_16k)).toBe(10);
  expect(windowMs(PRESETS.speech_16k)).toBe(32);
  expect(valueSeconds({ kind: "spectrogram", spectrogram: PRESETS.speech_16k, normalization: "none" })).toBe(1);
});

test("another sample rate takes the highest frequency along when it has to", () => {
  expect(withRate(PRESETS.tutorial_256, 16_000)).toMatchObject({ sample_rate_hz: 16_000, max_hz: 8_000 });
  expect(withRate({ ...PRESETS.tutorial_256, max_hz: 6_000 }, 16_000).max_hz).toBe(6_000);
  expect(withRate(PRESETS.speech_16k, 44_100).max_hz).toBe(22_050);
});

test("frequencies that cannot be are told at their field", () => {
  expect(faultOf(PRESETS.tutorial_256)).toBeNull();
  expect(faultOf({ ...PRESETS.tutorial_256, max_hz: 30_000 })).toEqual({ field: "max_hz", code: "above_half_rate" });
  expect(faultOf({ ...PRESETS.tutorial_256, min_hz: 4_000, max_hz: 4_000 })).toEqual({ field: "min_hz", code: "edges_crossed" });
});

test("a clip is normalised over the dataset or by itself, never both", () => {
  const start = { kind: "spectrogram" as const, spectrogram: PRESETS.tagging_128, normalization: "standardize" as const };
  const ofClip = withNormalization(start, { over: "clip", kind: "min_max" });
  expect(ofClip).toMatchObject({ normalization: "none", spectrogram: { clip_normalization: "min_max" } });
  expect(normalizationIn(ofClip)).toEqual({ over: "clip", kind: "min_max" });
  expect(withNormalization(ofClip, { over: "dataset", kind: "standardize" })).toMatchObject({ normalization: "standardize", spectrogram: { clip_normalization: "none" } });
});

test("every whole choice of a normalisation is offered, and a choice leaves nothing of the one before", () => {
  const encoding = startEncoding("waveform");
  const choices = normalizationChoices(encoding);
  expect(choices).toHaveLength(5);
  expect(normalizationChoices(startEncoding("numeric"))).toHaveLength(3);
  expect(normalizationChoices(startEncoding("image"))).toEqual([]);
  for (const before of choices) for (const after of choices) expect(normalizationIn(withNormalization(withNormalization(encoding, before), after))).toEqual(after);
  const byClip = feature("clip", { type: "audio", encoding: withNormalization(encoding, { over: "clip", kind: "standardize" }) });
  const [change] = normalizationChanges([byClip], "min_max");
  expect(change?.change.encoding).toEqual(withNormalization(encoding, { over: "dataset", kind: "min_max" }));
});

test("settings on trial follow what is kept elsewhere, and keep what else was tried", () => {
  const kept = withNormalization(startEncoding("spectrogram") as AudioEncoding, { over: "dataset", kind: "standardize" });
  const byClip = withNormalization(kept, { over: "clip", kind: "min_max" });
  const tried = withPreset(kept, PRESETS.tutorial_256);
  expect(followed(kept, kept, byClip)).toEqual(byClip);
  expect(followed(tried, kept, byClip)).toEqual(withNormalization(tried, { over: "clip", kind: "min_max" }));
  expect(followed(tried, kept, tried)).toEqual(tried);
  expect(followed(tried, kept, startEncoding("waveform") as AudioEncoding)).toEqual(startEncoding("waveform"));
});

test("a waveform begins as long as the recordings usually are, and says what longer ones lose", () => {
  const clips = (median: number, maximum: number) => ({ type: "audio" as const, histogram: { counts: [1], median, maximum } });
  const start = (usual: number | null) => { const made = startEncoding("waveform", usual); return made.kind === "waveform" ? made : null; };
  expect([null, 0.001, 2.5, 5, 300].map((usual) => start(usual)?.waveform?.samples)).toEqual([16_000, 100, 40_000, 80_000, 160_000]);
  expect(usualSeconds(clips(5, 8))).toBe(5);
  expect(usualSeconds({ type: "numeric", histogram: { counts: [1], median: 5 } })).toBeNull();
  expect(cutSeconds(start(5) as AudioEncoding, clips(5, 8))).toEqual({ kept: 5, usual: 5, longest: 8 });
  expect(cutSeconds(start(5) as AudioEncoding, clips(5, 5.02))).toBeNull();
  expect(cutSeconds(startEncoding("spectrogram") as AudioEncoding, clips(5, 8))).toBeNull();
});

test("the outline of a clip is closed and holds every column twice", () => {
  const path = outline([[-1, 1], [-0.5, 0.25]]);
  expect(path.startsWith("M0.5 ")).toBe(true);
  expect(path.endsWith("Z")).toBe(true);
  expect(path.match(/L/g)).toHaveLength(3);
  expect(outline([])).toBe("");
});

function gate() {
  const open: (() => void)[] = [];
  const seen: number[] = [];
  const aborted: number[] = [];
  const work = (input: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      seen.push(input);
      signal.addEventListener("abort", () => { aborted.push(input); resolve(); });
      open.push(resolve);
    });
  return { open, seen, aborted, work };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

test("while a request is under way only the newest of what follows is asked", async () => {
  const { open, seen, aborted, work } = gate();
  const queue = new LatestOnly<number>(work, 10_000);
  for (const input of [1, 2, 3, 4]) queue.push(input);
  expect(seen).toEqual([1]);
  open[0]?.();
  await settle();
  expect(seen).toEqual([1, 4]);
  open[1]?.();
  await settle();
  expect(seen).toEqual([1, 4]);
  expect(aborted).toEqual([]);
});

test("a request that takes too long is aborted for a newer one", async () => {
  const { seen, aborted, work } = gate();
  const queue = new LatestOnly<number>(work, 5);
  queue.push(1);
  queue.push(2);
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(aborted).toEqual([1]);
  expect(seen).toEqual([1, 2]);
});

test("nothing is asked after the end", async () => {
  const { seen, aborted, work } = gate();
  const queue = new LatestOnly<number>(work, 10_000);
  queue.push(1);
  queue.push(2);
  queue.stop();
  await settle();
  expect(aborted).toEqual([1]);
  expect(seen).toEqual([1]);
});

test("named sound settings are standardized, unless the person has chosen otherwise", () => {
  const encoding = startEncoding("spectrogram");
  if (encoding.kind !== "spectrogram") throw new Error("not a spectrogram");
  expect(encoding.normalization).toBe("standardize");
  const own = withPreset({ ...encoding, normalization: "none" }, PRESETS.speech_16k);
  expect([own.normalization, presetOf(PRESETS.speech_16k)]).toEqual(["standardize", "speech_16k"]);
  const byClip = withPreset(withNormalization(encoding, { over: "clip", kind: "min_max" }), PRESETS.tutorial_256);
  expect([normalizationIn(byClip), byClip.kind === "spectrogram" && presetOf(byClip.spectrogram ?? PRESETS.speech_16k)]).toEqual([{ over: "clip", kind: "min_max" }, "tutorial_256"]);
});

test("a clip that keeps its length is told from one of a fixed size, a file from its folders", () => {
  expect([isVariable(startEncoding("spectrogram")), isVariable(startEncoding("waveform"))]).toEqual([true, false]);
  expect(["clips\\a.wav", "clips/a.wav", "a.wav"].map(fileName)).toEqual(["a.wav", "a.wav", "a.wav"]);
});

test("a typed number counts when it is in range, and the range moves it when the box is left", () => {
  const range = { min: 32, max: 16_384 };
  expect(["2", "25", "256", "", "-", 99_999].map((typed) => countsAlready(typed, range))).toEqual([false, false, true, false, false, false]);
  expect(settled(999_999, 2_560, range)).toEqual({ value: 16_384, moved: 999_999 });
  expect(settled("0", 2_560, range)).toEqual({ value: 32, moved: 0 });
  expect(settled("512", 2_560, range)).toEqual({ value: 512, moved: null });
  expect(settled("", 2_560, range)).toEqual({ value: 2_560, moved: null });
  expect(settled("-3", 7, { max: 9 })).toEqual({ value: -3, moved: null });
});
