/** What every part of the modeling view shares: the experiment as edited, the cards, the picks and the gestures. */
import { createContext, use } from "react";

import type { BlockView, WireView, Words } from "@/model/blockView";
import type { Cards, Catalogue, Experiment, Operation, Position } from "@/model/document";
import type { Misfit } from "@/model/connect";
import type { EditQueue } from "@/model/editQueue";
import type { FieldFaults } from "@/model/fieldFaults";
import type { Heights } from "@/model/layout";

import type { Flow } from "./flow";

export type Modeling = {
  projectId: string;
  experiment: Experiment;
  queue: EditQueue;
  catalogue: Catalogue;
  cards: Cards;
  blocks: BlockView[];
  wires: WireView[];
  heights: Heights;
  words: Words;
  flow: Flow;
  faults: FieldFaults;
};

export type Gestures = {
  edit: (operations: Operation[]) => void;
  addBlock: (kind: string, at?: Position) => void;
  addSnippet: (name: string, at?: Position) => void;
  connect: (source: string, target: string) => void;
  /** Why a wire from one block to another makes no sense; null when it does. */
  whyNot: (source: string, target: string) => Misfit | null;
  removePicked: () => void;
  /** Show a block in the middle of the canvas and pick it. */
  reveal: (blockId: string) => void;
  /** Pick a block and put the cursor into one of its fields. */
  editField: (blockId: string, param: string) => void;
  /** Pick a block of the list; in a narrow window its fields open over the list. */
  pickListed: (blockId: string) => void;
  /** Put the cursor into the field of one setting. */
  editSetting: (name: string) => void;
  /** Put the cursor into a field that is shown, by its key. */
  focusField: (key: string) => void;
  /** Pick a wire and ask which block goes on it. */
  askForInsert: (wireId: string) => void;
};

const ModelingContext = createContext<Modeling | null>(null);
const GesturesContext = createContext<Gestures | null>(null);

export function ModelingProvider({ value, gestures, children }: { value: Modeling; gestures: Gestures; children: React.ReactNode }) {
  return (
    <GesturesContext value={gestures}>
      <ModelingContext value={value}>{children}</ModelingContext>
    </GesturesContext>
  );
}

export function useModeling(): Modeling {
  const value = use(ModelingContext);
  if (!value) throw new Error("useModeling needs a ModelingProvider above it");
  return value;
}

/** Never changes while an experiment is open, so blocks that use it are not drawn again. */
export function useGestures(): Gestures {
  const value = use(GesturesContext);
  if (!value) throw new Error("useGestures needs a ModelingProvider above it");
  return value;
}
