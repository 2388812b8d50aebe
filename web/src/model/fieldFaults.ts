/**
 * Fields whose text cannot be taken as typed.
 *
 * Such a text never reaches the server, so a run would go ahead with the earlier value while the person looks at
 * another one: as long as there is one, nothing may run.
 */
import type { ParameterCard } from "./document";
import type { NumberFault } from "./numbers";

export type FieldFault = {
  card: ParameterCard;
  kind: NumberFault | "not_a_shape";
  /** Marks the field, so that one can be led to it. */
  fieldKey?: string | undefined;
};

export class FieldFaults {
  private readonly faults = new Map<string, FieldFault>();
  private told: readonly FieldFault[] = [];
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** What is at fault, the longest first; the same list until something changes. */
  readonly all = (): readonly FieldFault[] => this.told;

  report(field: string, fault: FieldFault): void {
    this.faults.set(field, fault);
    this.tell();
  }

  clear(field: string): void {
    if (this.faults.delete(field)) this.tell();
  }

  private tell(): void {
    this.told = [...this.faults.values()];
    for (const listener of this.listeners) listener();
  }
}
