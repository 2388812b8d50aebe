/** Everything that can be put on the canvas, searchable; a click adds it, a drag puts it in a place. */
import { type RefObject, useState } from "react";
import { useTranslation } from "react-i18next";

import { localize } from "@/model/blockView";
import type { BlockCard, SnippetCard } from "@/model/document";
import { formatShortCount } from "@/model/shape";
import { Icon, type IconName } from "@/ui/Icon";

import { DRAGGED_ENTRY } from "./dragEntry";
import { glyphOf } from "./glyphs";
import { useGestures, useModeling } from "./ModelingContext";

const GROUPS = ["data", "layers", "shape", "merge", "bodies"] as const;

export function BuildTab({ searchRef, insertInto, onInsertDone }: { searchRef: RefObject<HTMLInputElement | null>; insertInto: string | null; onInsertDone: () => void }) {
  const { t } = useTranslation("modeling");
  const { catalogue, words } = useModeling();
  const { addBlock, addSnippet } = useGestures();
  const [query, setQuery] = useState("");
  const wanted = query.trim().toLowerCase();
  const fits = (card: { label: { en: string; zh: string } }) => wanted === "" || card.label.en.toLowerCase().includes(wanted) || card.label.zh.toLowerCase().includes(wanted);
  const blocks = catalogue.blocks.filter((card) => card.in_catalogue !== false && fits(card));
  const snippets = catalogue.snippets.filter(fits);
  const done = () => {
    setQuery("");
    onInsertDone();
  };
  const pickFirst = () => {
    const block = blocks[0];
    const snippet = snippets[0];
    if (block) addBlock(block.kind);
    else if (snippet) addSnippet(snippet.name);
    done();
  };
  return (
    <div className="build">
      <label className="input search">
        <Icon name="search" />
        <input
          ref={searchRef}
          type="search"
          value={query}
          placeholder={t("search_blocks")}
          aria-label={t("search_blocks")}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && wanted !== "") pickFirst();
            if (event.key === "Escape") done();
          }}
        />
        <span className="kbd" aria-hidden="true">/</span>
      </label>
      {insertInto && <p className="inserting t12" role="status">{insertInto}</p>}
      <section aria-label={t("blocks")}>
        <div className="row cat-h">
          <h2 className="sp">{t("blocks")}</h2>
          <span className="t11 dim num">{blocks.length}</span>
        </div>
        {GROUPS.map((group) => (
          <EntryGroup key={group} name={t(`group_${group}`)} cards={blocks.filter((card) => card.group === group)} onAdd={(kind) => {
            addBlock(kind);
            done();
          }} />
        ))}
      </section>
      <section aria-label={t("snippets")} className="snips">
        <div className="row cat-h">
          <h2 className="sp">{t("snippets")}</h2>
          <span className="t11 dim num">{snippets.length}</span>
        </div>
        <div className="snip">
          {snippets.map((card) => (
            <Entry key={card.name} name={localize(card.label, words.language)} hint={localize(card.what, words.language)} glyph={snippetGlyph(card)} drag={`snippet/${card.name}`} note={formatShortCount(card.parameters)} onAdd={() => {
              addSnippet(card.name);
              done();
            }} />
          ))}
        </div>
      </section>
      {blocks.length + snippets.length === 0 && <p className="t12 mut none">{t("no_entry", { query: query.trim() })}</p>}
    </div>
  );
}

const snippetGlyph = (card: SnippetCard): IconName => {
  const body = (card.graph.blocks ?? []).find((block) => glyphOf(block.kind) === "gNet") ?? (card.graph.blocks ?? []).find((block) => glyphOf(block.kind) === "gConv");
  return body ? glyphOf(body.kind) : "gNet";
};

function EntryGroup({ name, cards, onAdd }: { name: string; cards: BlockCard[]; onAdd: (kind: string) => void }) {
  const { words } = useModeling();
  if (cards.length === 0) return null;
  return (
    <div role="group" aria-label={name}>
      <div className="grp">{name}</div>
      <div className="pal">
        {cards.map((card) => {
          const label = localize(card.label, words.language);
          return <Entry key={card.kind} name={label} hint={localize(card.what, words.language)} glyph={glyphOf(card.kind)} drag={`block/${card.kind}`} wide={label.length > 15} onAdd={() => onAdd(card.kind)} />;
        })}
      </div>
    </div>
  );
}

type EntryProps = { name: string; hint: string; glyph: IconName; drag: string; onAdd: () => void; note?: string; wide?: boolean };

function Entry({ name, hint, glyph, drag, onAdd, note, wide = false }: EntryProps) {
  return (
    <button
      type="button"
      className={`entry${wide ? " wide" : ""}`}
      title={hint}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAGGED_ENTRY, drag);
        event.dataTransfer.effectAllowed = "copy";
      }}
      onClick={onAdd}
    >
      <span className="gl">
        <Icon name={glyph} />
      </span>
      <span className="ell">{name}</span>
      {note && <span className="t11 dim num" aria-hidden="true">{note}</span>}
    </button>
  );
}
