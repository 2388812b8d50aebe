/** The picked block in the inspector: its fields, the card of the field in hand, and its connections. */
import { Select } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { BlockView } from "@/model/blockView";
import { misfit } from "@/model/connect";
import { type DataSchema, findBlock, wiresFrom, wiresInto } from "@/model/document";
import { removeWire, swapWithNext } from "@/model/operations";
import { formatShape } from "@/model/shape";
import type { Option } from "@/ui/CardField";
import { Icon } from "@/ui/Icon";

import { glyphOf } from "./glyphs";
import { useGestures, useModeling } from "./ModelingContext";
import { ParameterField } from "./ParameterField";
import { ParameterHint } from "./ParameterHint";

export function PickedBlock({ view }: { view: BlockView }) {
  const { t } = useTranslation("modeling");
  const { experiment, cards, words } = useModeling();
  const { edit, removePicked } = useGestures();
  const [inHand, setInHand] = useState<string | null>(null);
  const block = findBlock(experiment.graph, view.id);
  const params = cards.get(view.kind)?.params ?? [];
  const hinted = params.find((card) => card.name === (inHand ?? view.problem?.param));
  if (!block) return null;
  return (
    <section className="selbox" aria-label={t("picked_block", { name: view.name })}>
      <div className="row sel-h">
        <Icon name={glyphOf(view.kind)} />
        <h2 className="sp ell">{view.name}</h2>
        <span className="t11 dim">{t("selected")}</span>
        <button type="button" className="btn quiet icon sm" aria-label={t("remove", { name: view.name })} title={t("remove_hint")} onClick={removePicked}>
          <Icon name="bin" />
        </button>
      </div>
      <div className="fields">
        {params.map((card) => (
          <ParameterField
            key={card.name}
            card={card}
            value={block.params?.[card.name] ?? null}
            bad={view.problem?.param === card.name}
            fieldKey={`${view.id}/${card.name}`}
            onFocus={() => setInHand(card.name)}
            {...(card.control === "source" ? { options: sourceOptions(experiment.data, (count) => t("class_count", { count })) } : {})}
            onChange={(value) => edit([{ op: "set_param", block_id: view.id, name: card.name, value }])}
          />
        ))}
      </div>
      {hinted && <ParameterHint card={hinted} />}
      {params.length === 0 && <p className="t12 mut">{words.language === "zh" ? cards.get(view.kind)?.what.zh : cards.get(view.kind)?.what.en}</p>}
      <Connections view={view} />
    </section>
  );
}

function sourceOptions(data: DataSchema | null | undefined, classes: (count: number) => string): Option[] {
  return (data?.sources ?? []).map((source) => ({
    value: source.name,
    label: source.name,
    hint: source.classes ? classes(source.classes.length) : formatShape(source.shape),
  }));
}

/** Wires of the picked block without a mouse: what feeds it, where it leads, and its place in the chain. */
function Connections({ view }: { view: BlockView }) {
  const { t } = useTranslation("modeling");
  const { experiment, cards, blocks, heights } = useModeling();
  const { edit, connect } = useGestures();
  const { graph } = experiment;
  const names = new Map(blocks.map((item) => [item.id, item.name]));
  const outgoing = wiresFrom(graph, view.id);
  const incoming = wiresInto(graph, view.id);
  const targets = view.gives ? blocks.filter((item) => misfit(graph, cards, view.id, item.id) === null) : [];
  const sources = view.takes !== "none" ? blocks.filter((item) => misfit(graph, cards, item.id, view.id) === null) : [];
  const previous = incoming.length === 1 ? incoming[0]?.source : undefined;
  const up = previous ? swapWithNext(graph, previous, heights) : [];
  const down = swapWithNext(graph, view.id, heights);
  const movable = view.takes === "one" && view.gives;
  const previousMovable = movable && previous && cards.get(findBlock(graph, previous)?.kind ?? "")?.inputs === "one";
  const nextMovable = movable && outgoing.length === 1 && cards.get(findBlock(graph, outgoing[0]?.target ?? "")?.kind ?? "")?.has_output;
  return (
    <div className="connections">
      {incoming.map((wire) => (
        <p key={wire.id} className="row t12 mut">
          <span className="sp ell">{t("from_block", { name: names.get(wire.source) ?? "" })}</span>
          <button type="button" className="btn quiet sm" onClick={() => edit([removeWire(wire)])}>{t("disconnect")}</button>
        </p>
      ))}
      {outgoing.map((wire) => (
        <p key={wire.id} className="row t12 mut">
          <span className="sp ell">{t("to_block", { name: names.get(wire.target) ?? "" })}</span>
          <button type="button" className="btn quiet sm" onClick={() => edit([removeWire(wire)])}>{t("disconnect")}</button>
        </p>
      ))}
      {targets.length > 0 && <BlockChoice label={t("connect_to")} blocks={targets} onChoose={(id) => connect(view.id, id)} />}
      {sources.length > 0 && incoming.length === 0 && <BlockChoice label={t("connect_from")} blocks={sources} onChoose={(id) => connect(id, view.id)} />}
      {(previousMovable || nextMovable) && (
        <div className="row">
          <button type="button" className="btn sm" disabled={!previousMovable || up.length === 0} onClick={() => edit(up)}>{t("move_up")}</button>
          <button type="button" className="btn sm" disabled={!nextMovable || down.length === 0} onClick={() => edit(down)}>{t("move_down")}</button>
        </div>
      )}
    </div>
  );
}

function BlockChoice({ label, blocks, onChoose }: { label: string; blocks: BlockView[]; onChoose: (id: string) => void }) {
  const { t } = useTranslation("modeling");
  return (
    <Select
      className="choice-field"
      size="xs"
      label={label}
      placeholder={t("choose_block")}
      value={null}
      data={blocks.map((item) => ({ value: item.id, label: item.name }))}
      onChange={(id) => {
        if (id) onChoose(id);
      }}
      searchable={blocks.length > 8}
      comboboxProps={{ shadow: "lg" }}
      rightSection={<Icon name="down" />}
      rightSectionPointerEvents="none"
    />
  );
}
