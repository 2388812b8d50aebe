/**
 * A view that loads when it is visited, also when the studio is gone at that moment.
 *
 * Browsers and the bundler remember a failed import, so asking again would give the same failure
 * or a view without its styles: the visit waits until the studio answers and then goes there anew.
 */
import type { ComponentType } from "react";
import type { Location } from "react-router";

import { API_PREFIX } from "@/api/client";

type Router = { state: { initialized: boolean; location: Location; navigation: { location?: Location | undefined } } };

const ASK_AGAIN_MS = 1_000;
const RELOADED_KEY = "blockwright.view-reloaded";
/** A view that fails again this soon after a reload is broken, not out of reach. */
const RELOADED_RECENTLY_MS = 15_000;

/** Give the `lazy` of a route; `routerOf` is asked only when the import failed. */
export function lazyView(load: () => Promise<ComponentType>, routerOf: () => Router) {
  return async (): Promise<{ Component: ComponentType }> => {
    try {
      return { Component: await load() };
    } catch (failure) {
      await studioAnswers();
      const target = visited(routerOf());
      if (target === null) return { Component: await load() };
      if (reloadedRecently()) throw failure;
      sessionStorage.setItem(RELOADED_KEY, String(Date.now()));
      location.assign(target);
      return new Promise(() => undefined); // the page is about to be replaced
    }
  };
}

/** Where the person still wants to go; null when they went somewhere else meanwhile. */
function visited({ state }: Router): string | null {
  const wanted = state.navigation.location ?? (state.initialized ? null : state.location);
  return wanted && `${wanted.pathname}${wanted.search}${wanted.hash}`;
}

async function studioAnswers(): Promise<void> {
  for (;;) {
    const answered = await fetch(`${API_PREFIX}/health`, { cache: "no-store" }).then((reply) => reply.ok, () => false);
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

const reloadedRecently = (): boolean => Date.now() - Number(sessionStorage.getItem(RELOADED_KEY) ?? 0) < RELOADED_RECENTLY_MS;
