import { describe, expect, it, vi } from "vitest";

import type { ParameterCard } from "@/model/document";
import { type FieldFault, FieldFaults } from "@/model/fieldFaults";

const fault = (name: string): FieldFault => ({ card: { name } as ParameterCard, kind: "too_small", fieldKey: `setting/${name}` });

describe("fields at fault", () => {
  it("are all named until they are put right, the longest at fault first", () => {
    const faults = new FieldFaults();
    const names = () => faults.all().map(({ card }) => card.name);
    expect(names()).toEqual([]);
    faults.report("a", fault("epochs"));
    faults.report("b", fault("batch_size"));
    expect(names()).toEqual(["epochs", "batch_size"]);
    expect(faults.all()).toBe(faults.all());
    faults.clear("a");
    expect(names()).toEqual(["batch_size"]);
    faults.clear("b");
    expect(names()).toEqual([]);
  });

  it("tells who listens about a change, and not about a field that was right all along", () => {
    const faults = new FieldFaults();
    const heard = vi.fn();
    const leave = faults.subscribe(heard);
    faults.clear("a");
    expect(heard).not.toHaveBeenCalled();
    faults.report("a", fault("epochs"));
    faults.clear("a");
    expect(heard).toHaveBeenCalledTimes(2);
    leave();
    faults.report("a", fault("epochs"));
    expect(heard).toHaveBeenCalledTimes(2);
  });
});
