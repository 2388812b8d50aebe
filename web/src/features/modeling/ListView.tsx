/** The graph as a list: the same blocks in order, for narrow windows, keyboards and screen readers. */
import { Fragment, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";

import type { BlockView, WireView } from "@/model/blockView";
import { readingOrder } from "@/model/document";
import { strandsOf } from "@/model/wireGeometry";

import { BlockHead } from "./BlockHead";
import { useGestures, useModeling } from "./ModelingContext";
import { ProblemRow } from "./ProblemRow";
import { Shape } from "./Shape";

const TELLINGS = 2;

export function ListView() {
  const { t } = useTranslation("modeling");
  const { experiment, blocks, wires, flow } = useModeling();
  const focus = useSyncExternalStore(flow.subscribe, flow.getFocus);
  const byId = new Map(blocks.map((view) => [view.id, view]));
  const ordered = readingOrder(experiment.graph).map((block) => byId.get(block.id)).filter((view) => view !== undefined);
  return (
    <ol className="o-l" aria-label={t("blocks_in_order")}>
      {ordered.map((view, index) => {
        const next = ordered[index + 1];
        const wire = wires.find((item) => item.source === view.id && item.target === next?.id);
        return (
          <Fragment key={view.id}>
            <li>
              <ListedBlock view={view} picked={focus.blockIds.includes(view.id)} leads={wires.filter((item) => item.source === view.id)} nextId={next?.id} />
            </li>
            {wire ? <ListedWire wire={wire} /> : next && <li className="o-gap" aria-hidden="true" />}
          </Fragment>
        );
      })}
    </ol>
  );
}

function ListedBlock({ view, picked, leads, nextId }: { view: BlockView; picked: boolean; leads: WireView[]; nextId: string | undefined }) {
  const { t } = useTranslation("modeling");
  const { editField, pickListed } = useGestures();
  const elsewhere = leads.filter((wire) => wire.target !== nextId);
  return (
    <article className={`block${picked ? " sel" : ""}${view.problem ? " err" : ""}${view.touchesData ? " edge" : ""}`} aria-label={view.name} data-block={view.id}>
      <button type="button" className="pick" aria-pressed={picked} aria-label={t("pick", { name: view.name })} onClick={() => pickListed(view.id)} />
      <BlockHead view={view} tellings={view.tellings.slice(0, TELLINGS)} onEdit={(param) => editField(view.id, param)} />
      {elsewhere.length > 0 && <p className="leads t12 mut">{t("leads_to", { names: elsewhere.map((wire) => wire.targetName).join(", ") })}</p>}
      {view.problem && <ProblemRow problem={view.problem} />}
    </article>
  );
}

function ListedWire({ wire }: { wire: WireView }) {
  const { t } = useTranslation("modeling");
  return (
    <li className="o-w" aria-label={t("wire_name", { source: wire.sourceName, target: wire.targetName })}>
      <svg viewBox="0 0 32 22" aria-hidden="true">
        <g className={`wire${wire.misfits ? " bad" : ""}`}>
          {strandsOf(wire.shape?.length ?? null).map((strand, index) => (
            <path key={index} className={strand.ground ? "c" : index === 0 ? "a" : "e"} strokeWidth={strand.width} d="M16 0V22" />
          ))}
        </g>
      </svg>
      {wire.shape && (
        <span className={`shape${wire.misfits ? " bad" : ""}`}>
          <Shape shape={wire.shape} />
          {wire.needs && <span>{t("needs", { needs: wire.needs })}</span>}
        </span>
      )}
    </li>
  );
}
