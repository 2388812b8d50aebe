/**
 * The place at the top right of a project's frame. The frame wraps everything in `<ActionSlotProvider>`
 * and renders `<ActionSlot>`; a view puts its one primary button there with `<PrimaryAction>`.
 */
import { createContext, type ReactNode, use, useState } from "react";
import { createPortal } from "react-dom";

type Slot = { element: HTMLElement | null; setElement: (element: HTMLElement | null) => void };

const SlotContext = createContext<Slot>({ element: null, setElement: () => undefined });

export function ActionSlotProvider({ children }: { children: ReactNode }) {
  const [element, setElement] = useState<HTMLElement | null>(null);
  return <SlotContext value={{ element, setElement }}>{children}</SlotContext>;
}

export function ActionSlot() {
  const { setElement } = use(SlotContext);
  return <div className="end" ref={setElement} />;
}

export function PrimaryAction({ children }: { children: ReactNode }) {
  const { element } = use(SlotContext);
  return element ? createPortal(children, element) : null;
}
