/** Choosing among hundreds of features: by words, by a pattern, by a range. */

export type Found = { names: string[]; broken: boolean };

/**
 * The names that a search means: `label_*` and `?` stand for the whole name, other words for a part of
 * it, and a regular expression for what it matches. `broken` tells an expression that cannot be read.
 */
export function namesFound(names: readonly string[], search: string, asExpression: boolean): Found {
  const words = search.trim();
  if (!words) return { names: [...names], broken: false };
  const matches = asExpression ? expression(words) : /[*?]/.test(words) ? wildcard(words) : part(words);
  return matches ? { names: names.filter(matches), broken: false } : { names: [], broken: true };
}

const part = (words: string) => (name: string) => name.toLowerCase().includes(words.toLowerCase());

function wildcard(pattern: string): (name: string) => boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*").replace(/\?/g, ".");
  const whole = new RegExp(`^${escaped}$`, "iu");
  return (name) => whole.test(name);
}

function expression(words: string): ((name: string) => boolean) | null {
  try {
    const made = new RegExp(words, "u");
    return (name) => made.test(name);
  } catch {
    return null;
  }
}

/** Tick or untick one name, or with `from` all names shown between it and `name`. */
export function withToggled(chosen: ReadonlySet<string>, shown: readonly string[], name: string, from: string | null): Set<string> {
  const next = new Set(chosen);
  const on = !chosen.has(name);
  const ends = from === null ? [] : [shown.indexOf(from), shown.indexOf(name)];
  const [start, end] = [Math.min(...ends), Math.max(...ends)];
  const touched = from !== null && start >= 0 ? shown.slice(start, end + 1) : [name];
  for (const each of touched) {
    if (on) next.add(each);
    else next.delete(each);
  }
  return next;
}
