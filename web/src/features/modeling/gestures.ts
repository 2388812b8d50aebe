/** What a gesture does: it reads the newest state when it happens, so its functions never change. */
import { misfit } from "@/model/connect";
import { blocksOf, type Catalogue, cardsByKind, findBlock, type Position, type SnippetCard, wiresInto } from "@/model/document";
import type { EditQueue } from "@/model/editQueue";
import { heightsOf } from "@/model/layout";
import { addBlock, addSnippet, connect, remove } from "@/model/operations";

import type { Flow } from "./flow";
import type { Gestures } from "./ModelingContext";

export type Stage = {
  /** Bring a block into sight; `centre` puts it in the middle even when it can be seen. */
  bringIntoSight: (blockId: string, options: { centre: boolean }) => void;
  openBuild: () => void;
  openSettings: () => void;
  startInsert: () => void;
  focusField: (key: string) => void;
};

/** Holds the stage as it is now, so that gestures need not change when it does. */
export class StageLink {
  current: Stage = { bringIntoSight: () => undefined, openBuild: () => undefined, openSettings: () => undefined, startInsert: () => undefined, focusField: () => undefined };

  set(stage: Stage): void {
    this.current = stage;
  }
}

/** Gives the snippets fitted to the data of the experiment; none when that cannot be asked. */
export type FitSnippets = () => Promise<SnippetCard[]>;

export function makeGestures(queue: EditQueue, flow: Flow, catalogue: Catalogue, stage: StageLink, fit: FitSnippets): Gestures {
  const cards = cardsByKind(catalogue);
  const now = () => queue.getState().experiment;
  const putAndShow = (added: { operations: Parameters<EditQueue["push"]>[0]; selectId: string }) => {
    queue.push(added.operations);
    flow.pickBlock(added.selectId);
    stage.current.bringIntoSight(added.selectId, { centre: false });
  };
  // Among other blocks a snippet stays as it is: which of them it belongs to is the person's to say.
  const snippetFor = async (name: string) => {
    const { graph, data } = now();
    const fitted = data && blocksOf(graph).length === 0 ? await fit() : [];
    return [...fitted, ...catalogue.snippets].find((item) => item.name === name);
  };
  const putSnippet = async (name: string, at?: Position) => {
    const snippet = await snippetFor(name);
    const { graph, analysis } = now();
    if (snippet) putAndShow(addSnippet(graph, snippet, heightsOf(analysis), at));
  };
  return {
    edit: (operations) => queue.push(operations),
    addBlock: (kind: string, at?: Position) => {
      const { graph, analysis } = now();
      putAndShow(addBlock(graph, cards, kind, flow.getFocus(), heightsOf(analysis), at));
    },
    addSnippet: (name: string, at?: Position) => void putSnippet(name, at),
    connect: (source, target) => queue.push(connect(now().graph, cards, source, target)),
    whyNot: (source, target) => misfit(now().graph, cards, source, target),
    removePicked: () => {
      const { blockIds, wireId } = flow.getFocus();
      const { graph } = now();
      const left = blockIds.length === 1 ? wiresInto(graph, blockIds[0] as string)[0]?.source : undefined;
      queue.push(remove(graph, blockIds, wireId ? [wireId] : []));
      // The block before it is picked next, so that a chain can be walked without a mouse.
      if (left && findBlock(now().graph, left)) flow.pickBlock(left);
      else flow.pickNothing();
    },
    reveal: (blockId) => {
      flow.pickBlock(blockId);
      stage.current.openBuild();
      stage.current.bringIntoSight(blockId, { centre: true });
    },
    editField: (blockId, param) => {
      flow.pickBlock(blockId);
      stage.current.openBuild();
      stage.current.focusField(`${blockId}/${param}`);
    },
    pickListed: (blockId) => {
      flow.pickBlock(blockId);
      stage.current.openBuild();
    },
    focusField: (key) => stage.current.focusField(key),
    editSetting: (name) => {
      stage.current.openSettings();
      stage.current.focusField(`setting/${name}`);
    },
    askForInsert: (wireId) => {
      flow.pickWire(wireId);
      stage.current.startInsert();
    },
  };
}
