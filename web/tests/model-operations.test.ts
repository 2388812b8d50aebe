import { describe, expect, it } from "vitest";

import { applyOperations } from "@/model/applyOperations";
import { misfit } from "@/model/connect";
import { type BlockCard, type Cards, type GraphDocument, hasEffect, ordinals, type ParameterCard, readingOrder, type Settings, type SnippetCard, wiresOf } from "@/model/document";
import { GAP, HEAD_HEIGHT, heightsOf, tidyLayout } from "@/model/layout";
import { addBlock, addSnippet, connect, type Focus, remove, swapWithNext } from "@/model/operations";

const word = (text: string) => ({ en: text, zh: text });
const card = (kind: string, inputs: BlockCard["inputs"], hasOutput = true): BlockCard => ({ kind, label: word(kind), group: "layers", what: word(""), params: [], inputs, has_output: hasOutput, in_catalogue: true });
const cards: Cards = new Map([card("input", "none"), card("dense", "one"), card("add", "many"), card("target", "one", false)].map((item) => [item.kind, item]));
const heights = heightsOf(undefined);
const nothing: Focus = { blockIds: [], wireId: null };

function chain(...kinds: string[]): GraphDocument {
  return {
    format: 1,
    blocks: kinds.map((kind, index) => ({ id: `${kind}${index}`, kind, params: {}, position: { x: 0, y: index * (HEAD_HEIGHT + GAP) } })),
    wires: kinds.slice(1).map((kind, index) => ({ id: `w${index}`, source: `${kinds[index]}${index}`, target: `${kind}${index + 1}` })),
  };
}

const after = (graph: GraphDocument, operations: Parameters<typeof applyOperations>[1]) => applyOperations({ graph, settings: {} as Settings }, operations).graph;
const kindsInOrder = (graph: GraphDocument) => readingOrder(graph).map((block) => block.kind);
const path = (graph: GraphDocument) => wiresOf(graph).map((wire) => `${wire.source}>${wire.target}`);

describe("adding a block", () => {
  it("wires it to the chosen block when that block's output is free", () => {
    const graph = chain("input");
    const added = addBlock(graph, cards, "dense", { blockIds: ["input0"], wireId: null }, heights);
    const result = after(graph, added.operations);
    expect(path(result)).toEqual([`input0>${added.selectId}`]);
    expect(result.blocks?.[1]?.position).toEqual({ x: 0, y: HEAD_HEIGHT + GAP });
  });

  it("inserts it on the chosen wire, and only what comes after makes room", () => {
    const graph = chain("input", "dense", "target");
    const result = after(graph, addBlock(graph, cards, "dense", { blockIds: [], wireId: "w1" }, heights).operations);
    expect(kindsInOrder(result)).toEqual(["input", "dense", "dense", "target"]);
    expect(result.blocks?.find((block) => block.id === "dense1")?.position).toEqual({ x: 0, y: 88 });
    expect(result.blocks?.find((block) => block.id === "target2")?.position).toEqual({ x: 0, y: 264 });
  });

  it("stands in front of a chosen Target", () => {
    const graph = chain("input", "target");
    const result = after(graph, addBlock(graph, cards, "dense", { blockIds: ["target1"], wireId: null }, heights).operations);
    expect(kindsInOrder(result)).toEqual(["input", "dense", "target"]);
  });

  it("leaves an Input alone, whatever is chosen", () => {
    const graph = chain("input", "dense");
    const result = after(graph, addBlock(graph, cards, "input", { blockIds: ["dense1"], wireId: null }, heights).operations);
    expect(wiresOf(result)).toHaveLength(1);
    expect(result.blocks?.[2]?.position?.y).toBe(2 * 88);
  });

  it("starts an empty canvas at its origin", () => {
    expect(addBlock({ format: 1 }, cards, "input", nothing, heights).operations).toHaveLength(1);
  });

  it("keeps the order of a merging block's inputs when inserting on one of them", () => {
    const graph = after(chain("input", "add"), [
      { op: "add_block", block: { id: "other", kind: "input", params: {}, position: { x: 448, y: 0 } } },
      { op: "add_wire", wire: { id: "w9", source: "other", target: "add1" } },
    ]);
    const added = addBlock(graph, cards, "dense", { blockIds: [], wireId: "w0" }, heights);
    const into = wiresOf(after(graph, added.operations)).filter((wire) => wire.target === "add1");
    expect(into.map((wire) => wire.source)).toEqual([added.selectId, "other"]);
  });
});

describe("connecting", () => {
  it("replaces the wire in a single input", () => {
    const graph = after(chain("input", "dense"), [{ op: "add_block", block: { id: "b", kind: "input", params: {}, position: { x: 448, y: 0 } } }]);
    expect(path(after(graph, connect(graph, cards, "b", "dense1")))).toEqual(["b>dense1"]);
  });

  it("keeps both wires of a merging block", () => {
    const graph = after(chain("input", "add"), [{ op: "add_block", block: { id: "b", kind: "input", params: {}, position: { x: 448, y: 0 } } }]);
    expect(path(after(graph, connect(graph, cards, "b", "add1")))).toEqual(["input0>add1", "b>add1"]);
  });

  it.each([
    ["dense1", "dense1", "same_block"],
    ["target3", "dense1", "no_output"],
    ["dense1", "input0", "no_input"],
    ["dense2", "dense1", "cycle"],
    ["dense1", "dense2", "already_connected"],
    ["gone", "dense1", "unknown_block"],
    ["input0", "dense2", null],
  ])("judges %s to %s as %s", (source, target, expected) => {
    expect(misfit(chain("input", "dense", "dense", "target"), cards, source, target)).toBe(expected);
  });
});

it("removes blocks with their wires, and a chosen wire alone", () => {
  const graph = chain("input", "dense", "target");
  expect(path(after(graph, remove(graph, ["dense1"], [])))).toEqual([]);
  expect(path(after(graph, remove(graph, [], ["w0"])))).toEqual(["dense1>target2"]);
});

it("adds a snippet under everything with ids of its own, and points at its first block", () => {
  const snippet: SnippetCard = { name: "s", label: word("s"), what: word(""), parameters: 0, graph: chain("input", "dense", "target") };
  const graph = chain("input", "dense");
  const first = addSnippet(graph, snippet, heights);
  const twice = after(after(graph, first.operations), addSnippet(after(graph, first.operations), snippet, heights).operations);
  expect(new Set(twice.blocks?.map((block) => block.id)).size).toBe(8);
  expect(after(graph, first.operations).blocks?.find((block) => block.id === first.selectId)).toMatchObject({ kind: "input", position: { x: 0, y: 2 * 88 } });
});

it("changes places with the next block in the chain", () => {
  const graph = chain("input", "dense", "add", "target");
  const result = after(graph, swapWithNext(graph, "dense1", heights));
  expect(kindsInOrder(result)).toEqual(["input", "add", "dense", "target"]);
  expect(result.blocks?.find((block) => block.id === "dense1")?.position?.y).toBe(2 * 88);
});

it("numbers blocks of one kind in reading order, not in the order they were added", () => {
  const graph = chain("input", "dense", "target");
  const added = addBlock(graph, cards, "dense", { blockIds: [], wireId: "w0" }, heights);
  const numbers = ordinals(after(graph, added.operations));
  expect([numbers.get(added.selectId), numbers.get("dense1")]).toEqual([1, 2]);
});

describe("reading order", () => {
  it("lists every block of a cycle once", () => {
    const graph = after(chain("input", "dense", "add"), [{ op: "add_wire", wire: { id: "back", source: "add2", target: "dense1" } }]);
    expect(readingOrder(graph)).toHaveLength(3);
  });
});

describe("tidy layout", () => {
  it("puts a chain on one rail at even steps", () => {
    const graph = chain("input", "dense", "dense", "target");
    for (const block of graph.blocks ?? []) block.position = { x: Math.random() * 100, y: 7 };
    const places = tidyLayout(graph, heights);
    expect([...places.values()].map((place) => place.y)).toEqual([7, 95, 183, 271]);
    expect(new Set([...places.values()].map((place) => place.x)).size).toBe(1);
  });

  it("gives branches columns of their own, and no two blocks one place", () => {
    let graph = chain("input", "dense", "add", "target");
    graph = after(graph, [
      { op: "add_block", block: { id: "side", kind: "dense", params: {}, position: { x: 10, y: 10 } } },
      { op: "add_wire", wire: { id: "a", source: "input0", target: "side" } },
      { op: "add_wire", wire: { id: "b", source: "side", target: "add2" } },
      { op: "add_block", block: { id: "alone", kind: "input", params: {}, position: { x: 10, y: 10 } } },
    ]);
    const places = [...tidyLayout(graph, heights).values()].map((place) => `${place.x}/${place.y}`);
    expect(new Set(places).size).toBe(6);
  });

  it("lays out 200 blocks in well under a frame's worth of patience", () => {
    const graph = chain("input", ...Array.from({ length: 198 }, () => "dense"), "target");
    const start = performance.now();
    expect(tidyLayout(graph, heights).size).toBe(200);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe("a setting that goes with others", () => {
  const only = (name: string, other: string, values: string[]) => ({ name, only_with: { name: other, values } }) as ParameterCard;
  const momentum = only("momentum", "optimizer", ["sgd"]);
  const warmup = only("warmup", "schedule", ["constant", "cosine"]);
  const unit = only("warmup_unit", "warmup", []);
  const cards = [momentum, warmup, unit];
  const has = (card: ParameterCard, settings: Partial<Settings>) => hasEffect(card, settings as Settings, cards);

  it("has an effect only beside the values it belongs to", () => {
    expect(has(momentum, { optimizer: "sgd" })).toBe(true);
    expect(has(momentum, { optimizer: "adam" })).toBe(false);
    expect(has({ name: "epochs" } as ParameterCard, { optimizer: "adam" })).toBe(true);
  });

  it("has none while what it goes with is off, or has none itself", () => {
    expect(has(unit, { schedule: "cosine", warmup: 2 })).toBe(true);
    expect(has(unit, { schedule: "cosine", warmup: 0 })).toBe(false);
    expect(has(unit, { schedule: "one_cycle", warmup: 2 })).toBe(false);
  });
});
