/** Resumable uploads (tus 1.0), one file after the other: pause, lost network and a closed page cost nothing that was acknowledged. */
import { useCallback, useRef, useState } from "react";
import { Upload } from "tus-js-client";

import { API_PREFIX, type Problem, type Schemas } from "@/api/client";

const CHUNK_BYTES = 8 * 2 ** 20;
const RETRY_DELAYS_MS = [0, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
const RATE_WINDOW_MS = 5_000;

export type UploadState = {
  phase: "idle" | "sending" | "paused" | "waiting" | "failed" | "complete";
  fileName: string;
  fileCount: number;
  doneCount: number;
  sentBytes: number;
  totalBytes: number;
  bytesPerSecond: number | null;
  uploadIds: readonly string[];
  problem: Problem | null;
};

const IDLE: UploadState = { phase: "idle", fileName: "", fileCount: 0, doneCount: 0, sentBytes: 0, totalBytes: 0, bytesPerSecond: null, uploadIds: [], problem: null };

type Sample = { at: number; bytes: number };

/** Bytes per second over the last few seconds; null until it can be told. */
export function rateOf(samples: readonly Sample[]): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.at - first.at < 200) return null;
  return ((last.bytes - first.bytes) * 1_000) / (last.at - first.at);
}

function problemOf(error: Error): Problem | null {
  const response = (error as { originalResponse?: { getBody(): string } | null }).originalResponse;
  if (!response) return null;
  try {
    return (JSON.parse(response.getBody()) as { error?: Problem }).error ?? null;
  } catch {
    return null;
  }
}

/** The upload that this file goes on with: the same name and size. Its content is checked by the import. */
export function unfinishedOf(file: Pick<File, "name" | "size">, unfinished: readonly Schemas["Upload"][]): Schemas["Upload"] | undefined {
  return unfinished.find((each) => each.file_name === file.name && each.bytes === file.size);
}

type Sending = { files: readonly File[]; unfinished: readonly Schemas["Upload"][]; place: number; before: number; ids: string[] };

export function useUploads() {
  const [state, setState] = useState<UploadState>(IDLE);
  const current = useRef<Upload | null>(null);
  const samples = useRef<Sample[]>([]);
  const change = useCallback((part: Partial<UploadState>) => setState((old) => ({ ...old, ...part })), []);

  const send = useCallback(
    function next(sending: Sending) {
      const file = sending.files[sending.place];
      if (!file) return change({ phase: "complete", uploadIds: [...sending.ids], doneCount: sending.place, sentBytes: sending.before });
      change({ phase: "sending", fileName: file.name, doneCount: sending.place });
      const upload = new Upload(file, {
        endpoint: `${API_PREFIX}/uploads`,
        chunkSize: CHUNK_BYTES,
        retryDelays: RETRY_DELAYS_MS,
        metadata: { filename: file.name },
        removeFingerprintOnSuccess: true,
        onShouldRetry: (error) => {
          const status = error.originalResponse?.getStatus() ?? 0;
          change({ phase: "waiting" });
          return status === 0 || status === 409 || status === 423 || status >= 502;
        },
        onProgress: (sentBytes) => {
          const now = performance.now();
          const bytes = sending.before + sentBytes;
          samples.current = [...samples.current.filter((each) => now - each.at < RATE_WINDOW_MS), { at: now, bytes }];
          change({ phase: "sending", sentBytes: bytes, bytesPerSecond: rateOf(samples.current) });
        },
        onError: (error) => change({ phase: "failed", problem: problemOf(error) }),
        onSuccess: () => {
          const id = upload.url?.split("/").at(-1);
          next({ ...sending, place: sending.place + 1, before: sending.before + file.size, ids: id ? [...sending.ids, id] : sending.ids });
        },
      });
      current.current = upload;
      void upload.findPreviousUploads().then((previous) => {
        const stopped = unfinishedOf(file, sending.unfinished);
        if (previous[0]) upload.resumeFromPreviousUpload(previous[0]);
        else if (stopped) upload.url = `${API_PREFIX}/uploads/${stopped.id}`;
        upload.start();
      });
    },
    [change],
  );
  const start = useCallback(
    (files: readonly File[], unfinished: readonly Schemas["Upload"][]) => {
      samples.current = [];
      const totalBytes = files.reduce((sum, file) => sum + file.size, 0);
      setState({ ...IDLE, phase: "sending", fileName: files[0]?.name ?? "", fileCount: files.length, totalBytes });
      send({ files, unfinished, place: 0, before: 0, ids: [] });
    },
    [send],
  );
  const pause = useCallback(() => {
    void current.current?.abort();
    change({ phase: "paused", bytesPerSecond: null });
  }, [change]);
  const resume = useCallback(() => {
    samples.current = [];
    change({ phase: "sending", problem: null });
    current.current?.start();
  }, [change]);
  const reset = useCallback(() => {
    void current.current?.abort();
    setState(IDLE);
  }, []);
  return { state, start, pause, resume, reset };
}
