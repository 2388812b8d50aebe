/** How a wire is drawn: its path, its strands and where its shape stands. */

export type Point = { x: number; y: number };
/** One stroke of a cable; `ground` strokes let the canvas through between the strands. */
export type Strand = { width: number; ground: boolean };

/** As many strands as the tensor has dimensions; unknown and scalar shapes are one thin line. */
export function strandsOf(rank: number | null): Strand[] {
  if (rank === null || rank <= 1) return [{ width: 2.25, ground: false }];
  if (rank === 2) return [{ width: 6.5, ground: false }, { width: 2.75, ground: true }];
  return [{ width: 10.5, ground: false }, { width: 7, ground: true }, { width: 2, ground: false }];
}

const SLACK = 48;

/** Straight when the jacks are aligned, else a cubic with 48 px of slack at both ends. */
export function wirePath(from: Point, to: Point): string {
  if (Math.abs(from.x - to.x) < 0.5 && to.y >= from.y) return `M${from.x} ${from.y}V${to.y}`;
  const slack = Math.max(SLACK, to.y < from.y ? (from.y - to.y) / 2 : 0);
  return `M${from.x} ${from.y}C${from.x} ${from.y + slack} ${to.x} ${to.y - slack} ${to.x} ${to.y}`;
}

/** The middle of the wire: with equal slack at both ends the cubic passes half-way between the jacks. */
export const wireMiddle = (from: Point, to: Point): Point => ({ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 });
