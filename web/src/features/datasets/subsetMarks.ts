/** How a subset looks in the bar and in the list: a colour and a pattern, so that colour alone never tells. */
import type { Subset } from "./columns";

export const PATTERNS = ["filled", "hatched", "back", "dotted", "level", "upright", "crossed"] as const;
export const TONES = ["ink", "line-3", "s1", "s2", "s3", "s4", "s5", "s6"] as const;

export type SubsetMark = { tone: (typeof TONES)[number]; pattern: (typeof PATTERNS)[number] };

/** The first is filled and the second hatched, in ink; all others have the colours of series. */
const FIRST: readonly SubsetMark[] = [{ tone: "ink", pattern: "filled" }, { tone: "line-3", pattern: "hatched" }];
const SERIES = TONES.slice(FIRST.length);
/** The hatch from the left is the second's alone. */
const OF_SERIES = PATTERNS.filter((each) => each !== "hatched");

/** The mark of the subset at a place of the list. With every round of the colours the patterns move on by one, so that 38 subsets differ. */
export function markAt(place: number): SubsetMark {
  const later = place - FIRST.length;
  const round = Math.floor(later / SERIES.length);
  return FIRST[place] ?? { tone: SERIES[later % SERIES.length] ?? "ink", pattern: OF_SERIES[(later + round) % OF_SERIES.length] ?? "filled" };
}

/** What the bar and the list share; a subset has the same mark in both. */
export function markClasses(subset: Subset, all: readonly Subset[]): string {
  const { tone, pattern } = markAt(all.indexOf(subset));
  return `su tone-${tone} ${pattern}`;
}
