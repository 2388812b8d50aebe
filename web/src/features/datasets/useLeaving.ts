/** Sound settings that were tried and not applied: who leaves them, by whichever way, is asked first. */
import { createContext, use, useCallback, useEffect, useRef, useState } from "react";
import { type BlockerFunction, useBlocker } from "react-router";

import type { AudioEncoding } from "./audioMeasures";

type Tried = { name: string; encoding: AudioEncoding };
export type Question = Tried & { go: () => void; stay: () => void };

/** The browser has words of its own for who closes the tab or loads it again. */
const askInBrowser = (event: BeforeUnloadEvent) => event.preventDefault();

export function useLeaving() {
  const tried = useRef<Tried | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const onTrial = useCallback((name: string, encoding: AudioEncoding | null) => {
    tried.current = encoding && { name, encoding };
    if (encoding) addEventListener("beforeunload", askInBrowser);
    else removeEventListener("beforeunload", askInBrowser);
  }, []);
  const ask = useCallback((go: () => void, stay: () => void) => {
    if (!tried.current) return go();
    const { name, encoding } = tried.current;
    setQuestion({
      name, encoding,
      // The way that was asked for may itself lead to another address: it is not asked about again.
      go: () => { onTrial(name, null); setQuestion(null); go(); },
      stay: () => { setQuestion(null); stay(); },
    });
  }, [onTrial]);
  const leave = useCallback((go: () => void) => ask(go, () => undefined), [ask]);
  // What is open stays open while only the search of the address changes.
  const isAsked = useCallback<BlockerFunction>(({ currentLocation, nextLocation }) => tried.current !== null && currentLocation.pathname !== nextLocation.pathname, []);
  const blocker = useBlocker(isAsked);
  useEffect(() => {
    if (blocker.state === "blocked") ask(blocker.proceed, blocker.reset);
  }, [blocker, ask]);
  return { question, onTrial, leave };
}

const LeavingContext = createContext<ReturnType<typeof useLeaving> | null>(null);
export const LeavingProvider = LeavingContext.Provider;

export function useLeave() {
  const leaving = use(LeavingContext);
  if (!leaving) throw new Error("no version around");
  return leaving;
}
