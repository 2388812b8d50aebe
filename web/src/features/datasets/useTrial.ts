/** Settings of sound that are heard and seen before they are kept. */
import { useState } from "react";

import type { AudioEncoding } from "./audioMeasures";
import { normalizationIn, withNormalization } from "./normalization";

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** What is tried after something else was kept elsewhere: that, and of what is still tried as much as can stay. */
export function followed(tried: AudioEncoding, before: AudioEncoding, kept: AudioEncoding): AudioEncoding {
  if (isSame(tried, before) || tried.kind !== kept.kind) return kept;
  return isSame(normalizationIn(before), normalizationIn(kept)) ? tried : withNormalization(tried, normalizationIn(kept));
}

export function useTrial(kept: AudioEncoding): { tried: AudioEncoding; setTried: (encoding: AudioEncoding) => void; isChanged: boolean } {
  const [state, setState] = useState({ tried: kept, kept });
  const now = isSame(state.kept, kept) ? state : { tried: followed(state.tried, state.kept, kept), kept };
  if (now !== state) setState(now);
  return { tried: now.tried, setTried: (tried) => setState({ tried, kept }), isChanged: !isSame(now.tried, kept) };
}
