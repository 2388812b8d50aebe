/** Which part of a clip its picture shows, where silence is trimmed: only who decodes the clip knows. */
import { useQuery } from "@tanstack/react-query";

export type ShownPart = { firstSecond: number; seconds: number };

/** The picture's own address is asked once more, which the browser has kept; the answer's headers tell. */
export function useShownPart(address: string, trims: boolean): ShownPart | null {
  const part = useQuery({ queryKey: ["shown-part", address], queryFn: ({ signal }) => shownPart(address, signal), enabled: trims, staleTime: Infinity });
  return part.data ?? null;
}

async function shownPart(address: string, signal: AbortSignal): Promise<ShownPart | null> {
  const { headers } = await fetch(address, { signal });
  const [firstSecond, seconds] = [headers.get("Blockwright-First-Second"), headers.get("Blockwright-Shown-Seconds")];
  return firstSecond === null || seconds === null ? null : { firstSecond: Number(firstSecond), seconds: Number(seconds) };
}
