/** One resumable upload (tus 1.0): begins when a file is chosen, goes on after the network was away. */
import { useEffect, useRef, useState } from "react";
import { Upload } from "tus-js-client";

import { API_PREFIX } from "@/api/client";

export type FileUpload = {
  file: File | null;
  sentBytes: number;
  /** Known once everything has arrived. */
  uploadId: string | null;
  failed: boolean;
  choose: (file: File | null) => void;
  retry: () => void;
};

const CHUNK_BYTES = 8 * 1024 * 1024;
const RETRY_MS = [0, 500, 1_000, 3_000, 5_000, 10_000];

export function useFileUpload(): FileUpload {
  const running = useRef<Upload | null>(null);
  const [file, setFile] = useState<File | null>(null);
  const [sentBytes, setSentBytes] = useState(0);
  const [uploadId, setUploadId] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => () => void running.current?.abort(), []);
  const choose = (chosen: File | null) => {
    void running.current?.abort();
    running.current = null;
    setFile(chosen);
    setSentBytes(0);
    setUploadId(null);
    setFailed(false);
    if (!chosen) return;
    const upload = new Upload(chosen, {
      endpoint: `${API_PREFIX}/uploads`,
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRY_MS,
      storeFingerprintForResuming: false,
      metadata: { filename: chosen.name },
      onProgress: (sent) => setSentBytes(sent),
      onSuccess: () => setUploadId(upload.url?.split("/").pop() ?? null),
      onError: () => setFailed(true),
    });
    running.current = upload;
    upload.start();
  };
  const retry = () => {
    setFailed(false);
    running.current?.start();
  };
  return { file, sentBytes, uploadId, failed, choose, retry };
}
