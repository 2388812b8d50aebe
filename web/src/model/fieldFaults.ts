/**
 * Fields whose text cannot be taken as typed.
 *
 * Such a text never reaches the server, so a run would go ahead with the earlier value while the person looks at
 * another one: as long as there is one, nothing may run.
 */
import type { ParameterCard } from "./document";

export class FieldFaults {
  private readonly cards = new Map<string, ParameterCard>();
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** The card of the field that has been at fault for longest; null when every text can be taken. */
  readonly first = (): ParameterCard | null => this.cards.values().next().value ?? null;

  report(field: string, card: ParameterCard): void {
    this.cards.set(field, card);
    this.tell();
  }

  clear(field: string): void {
    if (this.cards.delete(field)) this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
