/** Resumable uploads (tus 1.0), one file or folder after the other: pause, lost network and a closed page cost nothing that was acknowledged. */
import { useCallback, useRef, useState } from "react";
import { Upload } from "tus-js-client";

import { API_PREFIX, type Problem, type Schemas } from "@/api/client";

import { FileUnreadableError } from "./fileBytes";
import { type Arriving, type Gathered } from "./gather";

const CHUNK_BYTES = 8 * 2 ** 20;
const RETRY_DELAYS_MS = [0, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
const RATE_WINDOW_MS = 5_000;

export type UploadState = {
  phase: "idle" | "looking" | "sending" | "paused" | "waiting" | "failed" | "complete";
  fileName: string;
  isFolder: boolean;
  uploadCount: number;
  doneCount: number;
  /** How many files there are in all uploads together, those in folders counted. */
  fileCount: number;
  unreadable: readonly string[];
  unsafe: readonly string[];
  sentBytes: number;
  totalBytes: number;
  bytesPerSecond: number | null;
  uploadIds: readonly string[];
  problem: Problem | null;
};

const IDLE: UploadState = {
  phase: "idle", fileName: "", isFolder: false, uploadCount: 0, doneCount: 0, fileCount: 0, unreadable: [], unsafe: [], sentBytes: 0, totalBytes: 0, bytesPerSecond: null, uploadIds: [], problem: null,
};

type Sample = { at: number; bytes: number };

/** Bytes per second over the last few seconds; null until it can be told. */
export function rateOf(samples: readonly Sample[]): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.at - first.at < 200) return null;
  return ((last.bytes - first.bytes) * 1_000) / (last.at - first.at);
}

/** What tus wraps: what went wrong with the file itself, if that is it. */
function unreadableOf(error: Error): FileUnreadableError | null {
  const cause = (error as { causingError?: unknown }).causingError ?? error;
  return cause instanceof FileUnreadableError ? cause : null;
}

function problemOf(error: Error): Problem | null {
  const unreadable = unreadableOf(error);
  if (unreadable) return fileProblem({ code: "upload.file_unreadable", params: { file: unreadable.path } });
  const response = (error as { originalResponse?: { getBody(): string } | null }).originalResponse;
  if (!response) return null;
  try {
    return (JSON.parse(response.getBody()) as { error?: Problem }).error ?? null;
  } catch {
    return null;
  }
}

function fileProblem(made: Pick<Problem, "code" | "params">): Problem {
  return { ...made, message: made.code, fix: "" };
}

/** The upload that this file goes on with: the same name and size. Its content is checked by the import. */
export function unfinishedOf(file: Pick<Arriving, "name" | "size" | "isFolder">, unfinished: readonly Schemas["Upload"][]): Schemas["Upload"] | undefined {
  return unfinished.find((each) => each.file_name === file.name && each.bytes === file.size && each.is_folder === file.isFolder);
}

// tus takes files as they are; ours are opened by `fileReader`, and told apart for going on by these fields.
const asInput = ({ name, size, lastModified, isFolder }: Arriving) => ({ name, size, lastModified, type: isFolder ? "folder" : "file" }) as File;

type Sending = { files: readonly Arriving[]; unfinished: readonly Schemas["Upload"][]; place: number; before: number; ids: string[] };

export function useUploads() {
  const [state, setState] = useState<UploadState>(IDLE);
  const current = useRef<Upload | null>(null);
  const samples = useRef<Sample[]>([]);
  // The rest of it is gone: nobody can go on with what was sent.
  const isSpoilt = useRef(false);
  const change = useCallback((part: Partial<UploadState>) => setState((old) => ({ ...old, ...part })), []);

  const send = useCallback(
    function next(sending: Sending) {
      const file = sending.files[sending.place];
      if (!file) return change({ phase: "complete", uploadIds: [...sending.ids], doneCount: sending.place, sentBytes: sending.before });
      change({ phase: "sending", fileName: file.name, isFolder: file.isFolder, doneCount: sending.place });
      const upload = new Upload(asInput(file), {
        endpoint: `${API_PREFIX}/uploads`,
        chunkSize: CHUNK_BYTES,
        retryDelays: RETRY_DELAYS_MS,
        metadata: { filename: file.name, ...(file.isFolder ? { contents: "folder" } : {}) },
        fileReader: { openFile: () => Promise.resolve(file.open()) },
        removeFingerprintOnSuccess: true,
        onShouldRetry: (error) => {
          if (unreadableOf(error)) return false;
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
        onError: (error) => {
          isSpoilt.current = unreadableOf(error) !== null;
          change({ phase: "failed", problem: problemOf(error) });
        },
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
  const asked = useRef<object | null>(null);
  /** Look through what was chosen or dropped, then send it; `onCount` of the looking tells how far it is. */
  const start = useCallback(
    async (look: (onCount: (files: number) => void) => Promise<Gathered>, unfinished: readonly Schemas["Upload"][]) => {
      const me = {};
      asked.current = me;
      samples.current = [];
      setState({ ...IDLE, phase: "looking" });
      const { arrivals: files, unreadable, unsafe } = await look((fileCount) => { if (asked.current === me) change({ fileCount }); });
      if (asked.current !== me) return;
      const told = { ...IDLE, unreadable, unsafe };
      if (files.length === 0) return setState({ ...told, problem: fileProblem({ code: "upload.nothing_to_send", params: {} }) });
      const sum = (of: (file: Arriving) => number) => files.reduce((all, file) => all + of(file), 0);
      setState({ ...told, phase: "sending", fileName: files[0]?.name ?? "", isFolder: files[0]?.isFolder ?? false, uploadCount: files.length, fileCount: sum((file) => file.fileCount), totalBytes: sum((file) => file.size) });
      send({ files, unfinished, place: 0, before: 0, ids: [] });
    },
    [send, change],
  );
  const pause = useCallback(() => {
    void current.current?.abort();
    change({ phase: "paused", bytesPerSecond: null });
  }, [change]);
  const resume = useCallback(() => {
    isSpoilt.current = false;
    samples.current = [];
    change({ phase: "sending", problem: null });
    current.current?.start();
  }, [change]);
  const reset = useCallback(() => {
    asked.current = null;
    void current.current?.abort(isSpoilt.current);
    isSpoilt.current = false;
    setState(IDLE);
  }, []);
  return { state, start, pause, resume, reset };
}
