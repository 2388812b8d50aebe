/** Where blocks stand: heights and the tidy vertical layout. Pixels at 100 % zoom, y grows downwards. */
import { type Analysis, type Block, blocksOf, findBlock, type GraphDocument, type Position, positionOf, readingOrder, wiresFrom, wiresInto } from "./document";

export const BLOCK_WIDTH = 400;
export const BODY_WIDTH = 640;
export const HEAD_HEIGHT = 52;
export const BODY_HEIGHT = 140;
export const ERROR_ROW_HEIGHT = 46;
/** Room for the wire and its shape between two blocks. */
export const GAP = 36;
/** The rail: the middle of every jack, from the block's left edge. */
export const RAIL_X = 28;
const COLUMN_GAP = 48;

export interface Heights {
  of(block: Block): number;
  /** Of a block that is about to be added and has no analysis yet. */
  ofNew(block: Block): number;
}

/** Heights as drawn: a ready body is opened and shows its stages. */
export function heightsOf(analysis: Analysis | undefined): Heights {
  const open = (block: Block) => (analysis?.blocks[block.id]?.stages ?? []).length > 0;
  return { of: (block) => (open(block) ? BODY_HEIGHT : HEAD_HEIGHT), ofNew: () => HEAD_HEIGHT };
}

export const bottomOf = (block: Block, heights: Heights): number => positionOf(block).y + heights.of(block);

/**
 * Lay the graph out from top to bottom. A row per step from the inputs; a chain stays on one rail; branches get
 * columns of their own, the longest first. Separate graphs stand under one another.
 */
export function tidyLayout(graph: GraphDocument, heights: Heights, hasProblem: (id: string) => boolean = () => false): Map<string, Position> {
  const order = readingOrder(graph);
  const places = new Map<string, Position>();
  let top = order.length > 0 ? Math.min(...order.map((block) => positionOf(block).y)) : 0;
  const left = order.length > 0 ? Math.min(...order.map((block) => positionOf(block).x)) : 0;
  for (const island of islands(graph, order)) {
    const columns = columnsOf(graph, island);
    const rows = rowsOf(graph, island);
    const tops = rowTops(island, rows, heights, hasProblem, top);
    for (const block of island) {
      const column = columns.get(block.id) ?? 0;
      places.set(block.id, { x: left + column * (BLOCK_WIDTH + COLUMN_GAP), y: tops.at(rows.get(block.id) ?? 0) ?? top });
    }
    top = Math.max(...island.map((block) => (places.get(block.id)?.y ?? top) + heights.of(block))) + 2 * GAP;
  }
  return places;
}

function rowTops(island: Block[], rows: Map<string, number>, heights: Heights, hasProblem: (id: string) => boolean, top: number): number[] {
  const tops: number[] = [];
  let y = top;
  const last = Math.max(...rows.values());
  for (let row = 0; row <= last; row += 1) {
    tops.push(y);
    const here = island.filter((block) => rows.get(block.id) === row);
    // A problem row hangs under its block: it gets its room when tidied, and nothing jumps when it goes.
    y += Math.max(...here.map((block) => heights.of(block) + (hasProblem(block.id) ? ERROR_ROW_HEIGHT : 0))) + GAP;
  }
  return tops;
}

function islands(graph: GraphDocument, order: Block[]): Block[][] {
  const of = new Map<string, number>();
  let count = 0;
  for (const block of order) {
    if (of.has(block.id)) continue;
    const open = [block.id];
    while (open.length > 0) {
      const id = open.pop() as string;
      if (of.has(id) || !findBlock(graph, id)) continue;
      of.set(id, count);
      for (const wire of wiresFrom(graph, id)) open.push(wire.target);
      for (const wire of wiresInto(graph, id)) open.push(wire.source);
    }
    count += 1;
  }
  return Array.from({ length: count }, (_, index) => order.filter((block) => of.get(block.id) === index));
}

function rowsOf(graph: GraphDocument, island: Block[]): Map<string, number> {
  const rows = new Map<string, number>();
  for (const block of island) {
    const before = wiresInto(graph, block.id).map((wire) => rows.get(wire.source) ?? -1);
    rows.set(block.id, Math.max(-1, ...before) + 1);
  }
  return rows;
}

function columnsOf(graph: GraphDocument, island: Block[]): Map<string, number> {
  const columns = new Map<string, number>();
  const rows = rowsOf(graph, island);
  const taken = new Set<string>();
  for (const block of island) {
    const row = rows.get(block.id) ?? 0;
    // A block stays on the rail of the first block it comes from, if no sibling is there already.
    const parents = wiresInto(graph, block.id).map((wire) => columns.get(wire.source)).filter((column) => column !== undefined);
    let column = parents.length > 0 ? Math.min(...parents) : 0;
    while (taken.has(`${column}/${row}`)) column += 1;
    taken.add(`${column}/${row}`);
    columns.set(block.id, column);
  }
  return columns;
}

/** The box around all blocks, for choosing what the minimap and the first view show. */
export function boundsOf(graph: GraphDocument, heights: Heights): { left: number; top: number; right: number; bottom: number } | null {
  const blocks = blocksOf(graph);
  if (blocks.length === 0) return null;
  return {
    left: Math.min(...blocks.map((block) => positionOf(block).x)),
    top: Math.min(...blocks.map((block) => positionOf(block).y)),
    right: Math.max(...blocks.map((block) => positionOf(block).x + (heights.of(block) > HEAD_HEIGHT ? BODY_WIDTH : BLOCK_WIDTH))),
    bottom: Math.max(...blocks.map((block) => bottomOf(block, heights))),
  };
}
