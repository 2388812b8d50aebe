/** A block on the canvas: an instrument module with jacks. */
import { type NodeProps, useConnection } from "@xyflow/react";
import { memo } from "react";

import type { BlockView } from "@/model/blockView";
import { formatShape } from "@/model/shape";

import { BlockHead } from "./BlockHead";
import { BodyDrawing } from "./BodyDrawing";
import type { BlockNodeType } from "./flow";
import { Jack } from "./Jack";
import { useGestures } from "./ModelingContext";
import { ProblemRow } from "./ProblemRow";
import { Shape } from "./Shape";

export const BlockNode = memo(function BlockNode({ data, selected }: NodeProps<BlockNodeType>) {
  return <BlockFace view={data.view} selected={selected} />;
});

const BlockFace = memo(function BlockFace({ view, selected }: { view: BlockView; selected: boolean }) {
  const { editField } = useGestures();
  const connecting = useConnection((connection) => connection.inProgress);
  const open = view.stages.length > 0;
  const state = `${selected ? " sel" : ""}${view.problem ? " err" : ""}${view.touchesData ? " edge" : ""}${open ? " open" : ""}${connecting ? " connecting" : ""}`;
  return (
    <article className={`block${state}`}>
      {view.takes !== "none" && <Jack view={view} side="in" />}
      <BlockHead view={view} tellings={view.tellings} onEdit={(param) => editField(view.id, param)} />
      {open && <BodyDrawing stages={view.stages} />}
      {view.problem && <ProblemRow problem={view.problem} atSide={view.crowded} />}
      {view.gives && <Jack view={view} side="out" />}
      {view.gives && !view.hasOutgoing && view.outputShape && (
        <span className="wlab shape loose" title={formatShape(view.outputShape)}>
          <Shape shape={view.outputShape} />
        </span>
      )}
    </article>
  );
});
