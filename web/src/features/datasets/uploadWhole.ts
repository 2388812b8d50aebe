/** Send one small file and give the id of its upload. */
import { type DetailedError, Upload } from "tus-js-client";

import { API_PREFIX, ApiError, type Problem } from "@/api/client";

export function uploadWhole(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(file, {
      endpoint: `${API_PREFIX}/uploads`,
      metadata: { filename: file.name },
      storeFingerprintForResuming: false,
      onError: (failure) => reject(asApiError(failure)),
      onSuccess: () => resolve(upload.url?.split("/").at(-1) ?? ""),
    });
    upload.start();
  });
}

/** What the server said; a silence of the server as one problem of ours. */
function asApiError(failure: Error | DetailedError): Error {
  const response = "originalResponse" in failure ? failure.originalResponse : null;
  if (!response) return new ApiError({ code: "server.unreachable", params: {}, message: failure.message, fix: "" }, 0);
  try {
    return new ApiError((JSON.parse(response.getBody()) as { error: Problem }).error, response.getStatus());
  } catch {
    return failure;
  }
}
