/** Sound settings that were tried and not applied: who leaves them is asked first. */
import { useCallback, useRef, useState } from "react";

import type { AudioEncoding } from "./audioMeasures";

type Tried = { name: string; encoding: AudioEncoding };
export type Question = Tried & { go: () => void };

export function useLeaving() {
  const tried = useRef<Tried | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const onTrial = useCallback((name: string, encoding: AudioEncoding | null) => { tried.current = encoding && { name, encoding }; }, []);
  const leave = useCallback((go: () => void) => (tried.current ? setQuestion({ ...tried.current, go }) : go()), []);
  const stay = useCallback(() => setQuestion(null), []);
  return { question, onTrial, leave, stay };
}
