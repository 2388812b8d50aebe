import { describe, expect, it } from "vitest";

import { Flow } from "@/features/modeling/flow";
import { makeGestures, StageLink } from "@/features/modeling/gestures";
import type { Catalogue, Experiment, Operation, SnippetCard } from "@/model/document";
import type { EditQueue } from "@/model/editQueue";

const snippet = (feature: string | null): SnippetCard => ({
  name: "small",
  label: { en: "Small", zh: "小" },
  what: { en: "", zh: "" },
  parameters: 0,
  graph: { format: 1, blocks: [{ id: "input", kind: "input", params: { source: feature }, position: { x: 0, y: 0 } }], wires: [] },
});
const catalogue: Catalogue = { blocks: [], settings: [], snippets: [snippet(null)] };
const ofOneBlock: Experiment["graph"] = { format: 1, blocks: [{ id: "dense", kind: "dense", params: {}, position: { x: 0, y: 0 } }], wires: [] };

/** What is put on a canvas when the snippet is added to it. */
async function added(experiment: Partial<Experiment>, fitted: SnippetCard[]): Promise<Operation[]> {
  const pushed: Operation[] = [];
  const queue = { getState: () => ({ experiment: { analysis: { blocks: {}, problems: [] }, ...experiment } }), push: (operations: Operation[]) => pushed.push(...operations) };
  makeGestures(queue as unknown as EditQueue, new Flow(), catalogue, new StageLink(), () => Promise.resolve(fitted)).addSnippet("small");
  await new Promise((resolve) => setTimeout(resolve));
  return pushed;
}

const featureOf = (operations: Operation[]) => operations.flatMap((item) => (item.op === "add_block" ? [item.block.params?.["source"]] : []));
const data = {} as Experiment["data"];

describe("adding a snippet", () => {
  it("takes the one fitted to the data when the canvas is empty", async () => {
    expect(featureOf(await added({ graph: { format: 1, blocks: [], wires: [] }, data }, [snippet("fname")]))).toEqual(["fname"]);
  });

  it("leaves it as it is among other blocks, or without data", async () => {
    expect(featureOf(await added({ graph: ofOneBlock, data }, [snippet("fname")]))).toEqual([null]);
    expect(featureOf(await added({ graph: { format: 1, blocks: [], wires: [] }, data: null }, [snippet("fname")]))).toEqual([null]);
  });

  it("still adds it when the server cannot say what fits", async () => {
    expect(featureOf(await added({ graph: { format: 1, blocks: [], wires: [] }, data }, []))).toEqual([null]);
  });
});
