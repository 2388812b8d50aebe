/** An error is shown as long as what it was refused on stands as it did: what is told after that is no longer true. */
import { useState } from "react";

/** The error until `subject` becomes another one: the draft after the next change that succeeds, another view. */
export function useStanding<E extends Error>(error: E | null, subject: unknown): E | null {
  const [met, setMet] = useState({ error, subject });
  if (met.error !== error) setMet({ error, subject });
  return met.error === error && met.subject !== subject ? null : error;
}
