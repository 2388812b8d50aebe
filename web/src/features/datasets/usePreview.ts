/** One clip as settings would make it, drawn anew while a control moves. */
import { useEffect, useRef, useState } from "react";

import { api, ApiError, type Problem, type Schemas, unwrap } from "@/api/client";

import type { Encoding } from "./columns";
import { LatestOnly } from "./latestOnly";

export type Preview = Schemas["Preview"];
type Wanted = { versionId: string; row: number; feature: string; encoding: Encoding };
export type PreviewState = { preview: Preview | null; problem: Problem | null; tookMs: number | null; row: number | null };

const NOTHING: PreviewState = { preview: null, problem: null, tookMs: null, row: null };

/** `row` null or `valid` false: what was drawn last stays. */
export function usePreview(versionId: string, row: number | null, feature: string, encoding: Encoding, valid: boolean): PreviewState {
  const [state, setState] = useState<PreviewState>(NOTHING);
  const queue = useRef<LatestOnly<Wanted> | null>(null);
  useEffect(() => {
    const made = new LatestOnly<Wanted>(async (wanted, signal) => {
      const begun = performance.now();
      try {
        const preview = await unwrap(api.POST("/api/v1/versions/{version_id}/rows/{row}/preview", { params: { path: { version_id: wanted.versionId, row: wanted.row } }, body: { feature: wanted.feature, encoding: wanted.encoding }, signal }));
        setState({ preview, problem: null, tookMs: performance.now() - begun, row: wanted.row });
      } catch (failure) {
        if (signal.aborted) return;
        if (!(failure instanceof ApiError)) throw failure;
        const { problem } = failure;
        setState((old) => ({ ...old, problem }));
      }
    });
    queue.current = made;
    return () => made.stop();
  }, []);
  const settings = JSON.stringify(encoding);
  useEffect(() => {
    if (row !== null && valid) queue.current?.push({ versionId, row, feature, encoding: JSON.parse(settings) as Encoding });
  }, [versionId, row, feature, settings, valid]);
  return state;
}
