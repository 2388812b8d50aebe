/**
 * Places for the values at the ends of lines: in one column right of the plot, where no line runs.
 *
 * Takes   the height at which each line ends.
 * Gives   the height of each label, so that none covers another.
 */

/** Labels that have a place, in the order of the lines, and how many have none. */
export type EndLabels = { places: number[]; left: number };

/** So many labels as the column holds; where some are left over, the lowest place is free for a word about them. */
export function placeEndLabels(wished: readonly number[], gap: number, top: number, bottom: number): EndLabels {
  const room = Math.max(1, Math.floor((bottom - top) / gap) + 1);
  if (wished.length <= room) return { places: spreadLabels(wished, gap, top, bottom), left: 0 };
  const some = wished.slice(0, room - 1);
  return { places: spreadLabels(some, gap, top, bottom - gap), left: wished.length - some.length };
}

/**
 * Move labels apart so that none covers another, as little as possible, within the drawing.
 *
 * Args: wished places from above in pixels, in any order. Gives the places in the same order.
 */
export function spreadLabels(wished: readonly number[], gap: number, top: number, bottom: number): number[] {
  const order = wished.map((_, place) => place).sort((a, b) => (wished[a] as number) - (wished[b] as number));
  const placed = [...wished];
  let floor = top;
  for (const place of order) {
    placed[place] = Math.max(floor, wished[place] as number);
    floor = (placed[place] as number) + gap;
  }
  let ceiling = bottom;
  for (const place of order.reverse()) {
    placed[place] = Math.min(ceiling, placed[place] as number);
    ceiling = (placed[place] as number) - gap;
  }
  return placed;
}
