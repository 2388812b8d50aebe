/** Numbers that a person types into a field, judged before they are sent. */

export type Limits = { minimum?: number | null; maximum?: number | null };
export type NumberFault = "not_a_number" | "not_whole" | "too_small" | "too_large";
export type ReadNumber = { value: number } | { fault: NumberFault };

/** Read a whole or decimal number; digits may be grouped by commas or spaces. */
export function readNumber(text: string, limits: Limits, { whole }: { whole: boolean }): ReadNumber {
  const bare = text.trim().replace(/(?<=\d)[,\s_](?=\d{3}(\D|$))/g, "");
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(bare)) return { fault: "not_a_number" };
  const value = Number(bare);
  if (!Number.isFinite(value)) return { fault: "not_a_number" };
  if (whole && !Number.isInteger(value)) return { fault: "not_whole" };
  if (limits.minimum != null && value < limits.minimum) return { fault: "too_small" };
  if (limits.maximum != null && value > limits.maximum) return { fault: "too_large" };
  return { value };
}

/** Read two whole numbers, e.g. a kernel of 3 × 3; one number stands for both. */
export function readPair(text: string, limits: Limits): { value: [number, number] } | { fault: NumberFault } {
  const parts = text.trim().replace(/^[([]|[)\]]$/g, "").split(/\s*[×x*,，]\s*|\s+/i).filter(Boolean);
  if (parts.length < 1 || parts.length > 2) return { fault: "not_a_number" };
  const first = readNumber(parts[0] ?? "", limits, { whole: true });
  const second = readNumber(parts[1] ?? parts[0] ?? "", limits, { whole: true });
  if ("fault" in first) return first;
  if ("fault" in second) return second;
  return { value: [first.value, second.value] };
}
