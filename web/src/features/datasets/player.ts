/** One player for all clips: starting one stops the other. */
import { useSyncExternalStore } from "react";

export type Playing = { address: string; playing: boolean; seconds: number; duration: number; failed: boolean };

class ClipPlayer {
  private element: HTMLAudioElement | null = null;
  private state: Playing | null = null;
  private readonly listeners = new Set<() => void>();
  private frame = 0;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly current = (): Playing | null => this.state;

  /** Play a clip, or pause it when it is the one that plays. */
  toggle(address: string): void {
    const element = (this.element ??= this.made());
    if (this.state?.address === address && !element.paused) return element.pause();
    if (this.state?.address !== address) {
      element.src = address;
      this.put({ address, playing: false, seconds: 0, duration: 0, failed: false });
    }
    // A clip that the browser cannot play is told by the `error` event.
    element.play().catch(() => undefined);
  }

  /** Move the play head of the clip that is at hand. */
  seek(address: string, seconds: number): void {
    if (!this.element || this.state?.address !== address) return;
    this.element.currentTime = seconds;
    this.note();
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.element?.pause();
    this.element?.removeAttribute("src");
    this.put(null);
  }

  private made(): HTMLAudioElement {
    const element = new Audio();
    element.preload = "auto";
    for (const event of ["play", "pause", "ended", "durationchange", "seeked"]) element.addEventListener(event, () => this.note());
    element.addEventListener("error", () => this.state && this.put({ ...this.state, playing: false, failed: true }));
    return element;
  }

  private note(): void {
    const { element, state } = this;
    if (!element || !state) return;
    cancelAnimationFrame(this.frame);
    const playing = !element.paused && !element.ended;
    this.put({ ...state, playing, seconds: element.currentTime, duration: Number.isFinite(element.duration) ? element.duration : 0 });
    if (playing) this.frame = requestAnimationFrame(() => this.note());
  }

  private put(state: Playing | null): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

export const player = new ClipPlayer();

/** The clip at `address` when it is the one at hand, else null. */
export function useClip(address: string): Playing | null {
  return useSyncExternalStore(player.subscribe, () => (player.current()?.address === address ? player.current() : null));
}
