/** Light, dark, or as the system has it; kept in this browser. */
import { useSyncExternalStore } from "react";

export type Appearance = "system" | "light" | "dark";

const STORAGE_KEY = "blockwright.appearance";
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

export function chosenAppearance(): Appearance {
  const kept = localStorage.getItem(STORAGE_KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

/** What is shown now. */
export function shownTheme(): "light" | "dark" {
  const chosen = chosenAppearance();
  if (chosen !== "system") return chosen;
  return systemIsDark.matches ? "dark" : "light";
}

export function setAppearance(appearance: Appearance): void {
  localStorage.setItem(STORAGE_KEY, appearance);
  applyAppearance();
}

/** Put the theme on the page; call once before the first paint. */
export function applyAppearance(): void {
  document.documentElement.dataset["theme"] = shownTheme();
  for (const listener of listeners) listener();
}

systemIsDark.addEventListener("change", applyAppearance);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useAppearance = (): Appearance => useSyncExternalStore(subscribe, chosenAppearance);
export const useShownTheme = (): "light" | "dark" => useSyncExternalStore(subscribe, shownTheme);
