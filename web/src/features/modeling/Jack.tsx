/** A jack: where a wire is plugged in. While a wire is dragged, jacks that fit grow and the others say why not. */
import { Handle, Position, useConnection } from "@xyflow/react";
import { useTranslation } from "react-i18next";

import type { BlockView } from "@/model/blockView";

import { useGestures } from "./ModelingContext";

export function Jack({ view, side }: { view: BlockView; side: "in" | "out" }) {
  const { t } = useTranslation("modeling");
  const { whyNot } = useGestures();
  const dragged = useConnection((connection) => (connection.inProgress ? `${connection.fromHandle.type}/${connection.fromNode.id}` : ""));
  const [type, from] = dragged.split("/");
  let fit = "";
  let reason: string | undefined;
  if (type && from) {
    const mayEnd = (type === "source") === (side === "in");
    const wrong = mayEnd ? (type === "source" ? whyNot(from, view.id) : whyNot(view.id, from)) : "wrong_side";
    if (from !== view.id || mayEnd) {
      fit = wrong ? " misfits" : " fits";
      reason = wrong ? t(`misfit_${wrong}`) : undefined;
    }
  }
  const wrong = side === "in" && view.problem !== null;
  return (
    <Handle
      type={side === "in" ? "target" : "source"}
      position={side === "in" ? Position.Top : Position.Bottom}
      className={`jack ${side}${wrong ? " bad" : ""}${fit}`}
      role="button"
      aria-label={t(side === "in" ? "jack_in" : "jack_out", { name: view.name })}
      title={reason}
      tabIndex={-1}
    />
  );
}
