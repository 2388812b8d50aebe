/** A wire: as many strands as the tensor has dimensions, and its shape at its middle. */
import { type EdgeProps, EdgeLabelRenderer } from "@xyflow/react";
import { memo } from "react";
import { useTranslation } from "react-i18next";

import { strandsOf, wireMiddle, wirePath } from "@/model/wireGeometry";

import type { WireEdgeType } from "./flow";
import { useGestures } from "./ModelingContext";
import { Shape } from "./Shape";

export const WireEdge = memo(function WireEdge({ id, data, sourceX, sourceY, targetX, targetY, selected }: EdgeProps<WireEdgeType>) {
  const { t } = useTranslation("modeling");
  const { askForInsert } = useGestures();
  const view = data?.view;
  if (!view) return null;
  const from = { x: sourceX, y: sourceY };
  const to = { x: targetX, y: targetY };
  const path = wirePath(from, to);
  const middle = wireMiddle(from, to);
  return (
    <>
      <g className={`wire${view.misfits ? " bad" : ""}${selected ? " picked" : ""}`}>
        <path className="hit" d={path} />
        <path className="halo" d={path} />
        {strandsOf(view.shape?.length ?? null).map((strand, index) => (
          <path key={index} className={strand.ground ? "c" : index === 0 ? "a" : "e"} strokeWidth={strand.width} d={path} />
        ))}
        <g className="insert" role="button" aria-label={t("insert_on", { source: view.sourceName, target: view.targetName })} transform={`translate(${middle.x} ${middle.y})`} onClick={(event) => {
          event.stopPropagation();
          askForInsert(id);
        }}>
          <circle r="9" />
          <path d="M-4 0H4M0 -4V4" />
        </g>
      </g>
      {view.shape && (
        <EdgeLabelRenderer>
          <span className={`wlab shape${view.misfits ? " bad" : ""}`} style={{ transform: `translate(${middle.x + 12}px, ${middle.y}px) translateY(-50%)` }}>
            <Shape shape={view.shape} />
            {view.shape.length > 3 && <span className="rank"> {t("rank", { count: view.shape.length })}</span>}
            {view.needs && <span>{t("needs", { needs: view.needs })}</span>}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
