/**
 * One request at a time, and always the newest next: moving a control never queues up work.
 *
 * A request under way is let finish, so that the picture keeps moving with the control; it is
 * aborted only when it has taken longer than `patienceMs` while something newer waits.
 */
export class LatestOnly<T> {
  private running: { abort: AbortController; startedAt: number } | null = null;
  private waiting: T | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly work: (input: T, signal: AbortSignal) => Promise<void>,
    private readonly patienceMs = 150,
    private readonly now: () => number = () => performance.now(),
  ) {}

  push(input: T): void {
    this.waiting = input;
    if (!this.running) return void this.next();
    clearTimeout(this.timer);
    const left = this.running.startedAt + this.patienceMs - this.now();
    const { abort } = this.running;
    this.timer = setTimeout(() => abort.abort(), Math.max(0, left));
  }

  /** Drop what is under way and what waits. */
  stop(): void {
    this.waiting = null;
    clearTimeout(this.timer);
    this.running?.abort.abort();
  }

  private async next(): Promise<void> {
    const input = this.waiting;
    if (input === null) return;
    this.waiting = null;
    const mine = { abort: new AbortController(), startedAt: this.now() };
    this.running = mine;
    try {
      await this.work(input, mine.abort.signal);
    } finally {
      clearTimeout(this.timer);
      this.running = null;
      void this.next();
    }
  }
}
