import { useEffect, useState } from "react";

import { useConnection } from "@/api/events";

/**
 * The present moment in milliseconds, renewed every second while `ticking`. Without an answer of the
 * studio it stands still: ages and times left that go on would make a run seem alive.
 */
export function useNow(ticking: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  const goesOn = useConnection() === "open" && ticking;
  useEffect(() => {
    if (!goesOn) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [goesOn]);
  return now;
}
