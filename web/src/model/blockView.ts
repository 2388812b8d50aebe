/** What a block and a wire show: plain records, drawn by the canvas and by the list alike. */
import { type Block, type BlockCard, blocksOf, type Cards, type DataSchema, type Experiment, type GraphProblem, type Localized, ordinals, type ParameterCard, type ParamValue, positionOf, type Stage, type Wire, wiresOf } from "./document";
import { BLOCK_WIDTH, ERROR_ROW_HEIGHT, heightsOf } from "./layout";
import { formatCount, formatTuple } from "./shape";

export type Words = { language: "en" | "zh"; yes: string; no: string; unset: string };

export type Telling = { name: string; label: string; value: string; /** The activation whose curve stands before the value. */ curve: string | null; bad: boolean; missing: boolean };

/** The real data behind an Input or a Target. */
export type DataPeek = { versionId: string; source: string; kind: string; features: string[]; hasPicture: boolean };

export type BlockView = {
  id: string;
  kind: string;
  title: string;
  /** 1 for the first of its kind in reading order; shown from 2 on. */
  number: number;
  /** Title and number: what the block is called by a screen reader and in messages. */
  name: string;
  touchesData: boolean;
  tellings: Telling[];
  parameters: number | null;
  outputShape: number[] | null;
  stages: Stage[];
  problem: GraphProblem | null;
  takes: "none" | "one" | "many";
  gives: boolean;
  hasIncoming: boolean;
  hasOutgoing: boolean;
  peek: DataPeek | null;
  /** Something stands right below, so the problem hangs at the side. */
  crowded: boolean;
};

export type WireView = {
  id: string;
  source: string;
  target: string;
  sourceName: string;
  targetName: string;
  shape: number[] | null;
  /** The shape does not fit what the wire leads to. */
  misfits: boolean;
  /** What is needed there instead, when it can be said briefly. */
  needs: string | null;
};

export const localize = (text: Localized, language: "en" | "zh"): string => text[language];

/** Make the views of all blocks, in document order. */
export function blockViews(experiment: Experiment, cards: Cards, words: Words): BlockView[] {
  const { graph, analysis, data } = experiment;
  const numbers = ordinals(graph);
  const problems = firstErrors(analysis.problems);
  const crowded = crowdedBlocks(experiment);
  const into = new Set(wiresOf(graph).map((wire) => wire.target));
  const from = new Set(wiresOf(graph).map((wire) => wire.source));
  return blocksOf(graph).map((block) => {
    const card = cards.get(block.kind);
    const title = card ? localize(card.label, words.language) : block.kind;
    const number = numbers.get(block.id) ?? 1;
    const known = analysis.blocks[block.id];
    const problem = problems.get(block.id) ?? null;
    return {
      id: block.id,
      kind: block.kind,
      title,
      number,
      name: number > 1 ? `${title} ${number}` : title,
      touchesData: card?.group === "data",
      tellings: (card?.params ?? []).filter((param) => param.telling).map((param) => tell(block, param, problem, words)),
      parameters: known?.parameters ?? null,
      outputShape: known?.output_shape ?? null,
      stages: known?.stages ?? [],
      problem,
      takes: card?.inputs ?? "one",
      gives: card?.has_output ?? true,
      hasIncoming: into.has(block.id),
      hasOutgoing: from.has(block.id),
      peek: peekOf(block, card, data),
      crowded: crowded.has(block.id),
    };
  });
}

/** Make the views of all wires; a wire carries the output shape of the block it comes from. */
export function wireViews(experiment: Experiment, blocks: readonly BlockView[]): WireView[] {
  const byId = new Map(blocks.map((view) => [view.id, view]));
  return wiresOf(experiment.graph).map((wire) => ({
    id: wire.id,
    source: wire.source,
    target: wire.target,
    sourceName: byId.get(wire.source)?.name ?? "",
    targetName: byId.get(wire.target)?.name ?? "",
    shape: byId.get(wire.source)?.outputShape ?? null,
    ...fitOf(wire, experiment.analysis.problems),
  }));
}

/** Problems that hang on the shape a wire brings: where it leads to, and what would be needed. */
const SHAPE_PROBLEMS: Record<string, { end: "source" | "target"; needs: (params: NonNullable<GraphProblem["problem"]["params"]>) => string | null }> = {
  "graph.nodes_differ": { end: "source", needs: (params) => String(params["classes"] ?? "") || null },
  "graph.target_size_differs": { end: "target", needs: (params) => String(params["classes"] ?? "") || null },
  "graph.target_shape_differs": { end: "target", needs: (params) => String(params["wanted"] ?? "") || null },
  "graph.wrong_rank": { end: "target", needs: (params) => String(params["example"] ?? "") || null },
  "graph.picture_too_small": { end: "target", needs: (params) => (params["smallest"] ? `${params["smallest"]} × ${params["smallest"]}` : null) },
  "graph.size_below_one": { end: "target", needs: () => null },
  "graph.reshape_values_differ": { end: "target", needs: () => null },
  "graph.add_shapes_differ": { end: "target", needs: () => null },
  "graph.concatenate_shapes_differ": { end: "target", needs: () => null },
};

function fitOf(wire: Wire, problems: readonly GraphProblem[]): { misfits: boolean; needs: string | null } {
  for (const item of problems) {
    const kind = SHAPE_PROBLEMS[item.problem.code];
    if (item.severity !== "error" || !kind || item.block_id !== wire[kind.end]) continue;
    return { misfits: true, needs: kind.needs(item.problem.params ?? {}) };
  }
  return { misfits: false, needs: null };
}

/** Write a parameter's value as people read it. */
export function describeValue(card: ParameterCard, value: ParamValue | undefined, words: Words): string {
  if (value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) return words.unset;
  if (typeof value === "boolean") return value ? words.yes : words.no;
  if (Array.isArray(value)) return card.control === "integer_pair" ? value.join(" × ") : formatTuple(value);
  if (typeof value === "number") return Number.isInteger(value) ? formatCount(value) : String(value);
  const choice = card.choices?.find((item) => item.value === value);
  return choice ? localize(choice.label, words.language) : value;
}

function tell(block: Block, card: ParameterCard, problem: GraphProblem | null, words: Words): Telling {
  const value = block.params?.[card.name] ?? null;
  const text = describeValue(card, value, words);
  return {
    name: card.name,
    label: localize(card.label, words.language),
    value: text,
    curve: card.name === "activation" && typeof value === "string" ? value : null,
    bad: problem?.param === card.name,
    missing: text === words.unset && value !== false,
  };
}

function firstErrors(problems: readonly GraphProblem[]): Map<string, GraphProblem> {
  const first = new Map<string, GraphProblem>();
  for (const item of problems) {
    if (item.severity !== "error" || !item.block_id) continue;
    const earlier = first.get(item.block_id);
    // A problem with a way out by one click is the one to show.
    if (!earlier || (!earlier.repair && item.repair)) first.set(item.block_id, item);
  }
  return first;
}

function peekOf(block: Block, card: BlockCard | undefined, data: DataSchema | null | undefined): DataPeek | null {
  const name = block.params?.[card?.params.find((param) => param.control === "source")?.name ?? ""];
  const source = data?.sources.find((item) => item.name === name);
  if (!data || !source) return null;
  return { versionId: data.version_id, source: source.name, kind: source.kind, features: source.features, hasPicture: source.kind === "tensor" };
}

function crowdedBlocks(experiment: Experiment): Set<string> {
  const heights = heightsOf(experiment.analysis);
  const blocks = blocksOf(experiment.graph);
  const crowded = blocks.filter((block) => {
    const { x, y } = positionOf(block);
    const bottom = y + heights.of(block);
    return blocks.some((other) => other !== block && Math.abs(positionOf(other).x - x) < BLOCK_WIDTH && positionOf(other).y >= bottom && positionOf(other).y < bottom + ERROR_ROW_HEIGHT);
  });
  return new Set(crowded.map((block) => block.id));
}

/** Keep the record of last time where nothing changed, so that only what changed is drawn again. */
export function keepUnchanged<T extends { id: string }>(before: readonly T[], now: readonly T[]): T[] {
  const old = new Map(before.map((item) => [item.id, item]));
  return now.map((item) => {
    const earlier = old.get(item.id);
    return earlier && JSON.stringify(earlier) === JSON.stringify(item) ? earlier : item;
  });
}
