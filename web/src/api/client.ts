/** The typed door to the server: one client, one error class, one base path. */
import createClient from "openapi-fetch";

import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];

/** What the server said went wrong; `problem` is worded in the person's language by `describeProblem`. */
export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    readonly status: number,
  ) {
    super(problem.message);
  }
}

export const API_PREFIX = "/api/v1";

export const api = createClient<paths>({ baseUrl: "/" });

// The language chosen here, which need not be the browser's: the server names sample data in it.
api.use({
  onRequest: ({ request }) => {
    request.headers.set("Accept-Language", document.documentElement.lang);
  },
});

const OFFLINE: Problem = {
  code: "server.unreachable",
  params: {},
  message: "The studio does not answer.",
  fix: "Check that it is still running in the terminal; this page catches up by itself.",
};

/** Give the data of a reply, or throw an `ApiError`; never returns an error as a value. */
export async function unwrap<T>(reply: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let settled;
  try {
    settled = await reply;
  } catch {
    throw new ApiError(OFFLINE, 0);
  }
  if (settled.response.ok) return settled.data as T;
  const body = settled.error as { error?: Problem } | undefined;
  throw new ApiError(body?.error ?? OFFLINE, settled.response.status);
}
