import { describe, expect, it, vi } from "vitest";

import type { ParameterCard } from "@/model/document";
import { FieldFaults } from "@/model/fieldFaults";

const card = (name: string) => ({ name }) as ParameterCard;

describe("fields at fault", () => {
  it("names the first one until it is put right, then the next", () => {
    const faults = new FieldFaults();
    expect(faults.first()).toBeNull();
    faults.report("a", card("epochs"));
    faults.report("b", card("batch_size"));
    expect(faults.first()?.name).toBe("epochs");
    faults.clear("a");
    expect(faults.first()?.name).toBe("batch_size");
    faults.clear("b");
    expect(faults.first()).toBeNull();
  });

  it("tells who listens about a change, and not about a field that was right all along", () => {
    const faults = new FieldFaults();
    const heard = vi.fn();
    const leave = faults.subscribe(heard);
    faults.clear("a");
    expect(heard).not.toHaveBeenCalled();
    faults.report("a", card("epochs"));
    faults.clear("a");
    expect(heard).toHaveBeenCalledTimes(2);
    leave();
    faults.report("a", card("epochs"));
    expect(heard).toHaveBeenCalledTimes(2);
  });
});
