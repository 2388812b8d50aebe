/** A search over settings: what is varied, how trials are chosen, and what it takes. */
import { Checkbox, Modal, MultiSelect, NumberInput, SegmentedControl, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";

import { queueQuery } from "@/api/queries";
import { localize } from "@/model/blockView";
import type { ParameterCard } from "@/model/document";
import { isCounted, type Line, type Method, newLine, requestOf, type SearchDraft, variable } from "@/model/search";
import { ButtonWithReason } from "@/ui/ButtonWithReason";
import { Icon } from "@/ui/Icon";
import { ErrorNote } from "@/ui/ProblemNote";

import { ForecastLine } from "./ForecastLine";
import { useModeling } from "./ModelingContext";
import { useForecast, useStartGroup } from "./useGroup";

const SNIPPET = "snippet";
const METHODS: readonly Method[] = ["optuna", "random", "grid"];

export function SearchDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("groups");
  const { queue } = useModeling();
  const { experiment } = queue.getState();
  const cards = useVariable();
  const now = experiment.settings as Record<string, unknown>;
  const lineOf = (key: number, name: string) => newLine(key, cards.find((card) => card.name === name), now[name]);
  const [draft, setDraft] = useState<SearchDraft>(() => ({ name: t("searchName", { name: experiment.name }), method: "optuna", lines: [lineOf(0, "learning_rate")], trials: 20, eachSeed: false, prune: true }));
  const [nextKey, setNextKey] = useState(1);
  const change = (part: Partial<SearchDraft>) => setDraft({ ...draft, ...part });
  const workers = useQuery({ ...queueQuery, refetchInterval: false }).data?.workers ?? 1;
  const request = requestOf(draft, cards, Math.min(16, workers));
  const wanted = typeof request === "number" || !draft.lines.length || !draft.name.trim() ? null : request;
  const settled = useDeferredValue(JSON.stringify(wanted));
  const forecast = useForecast(wanted && settled === JSON.stringify(wanted) ? wanted : null);
  const start = useStartGroup();
  const add = () => {
    const used = new Set(draft.lines.map((line) => line.name));
    const free = ["batch_size", "optimizer", "learning_rate", ...cards.map((card) => card.name)].find((name) => !used.has(name) && cards.some((card) => card.name === name));
    change({ lines: [...draft.lines, lineOf(nextKey, free ?? "")] });
    setNextKey(nextKey + 1);
  };
  const why = typeof request === "number" ? t("lineIncomplete", { number: request + 1 }) : null;
  return (
    <Modal opened onClose={onClose} title={t("search")} centered size="lg" closeButtonProps={{ "aria-label": t("close") }}>
      <form className="name-form" onSubmit={(event) => { event.preventDefault(); if (wanted) start.mutate(wanted); }}>
        <label className="field"><span>{t("name")}</span><input className="input" value={draft.name} maxLength={120} onChange={(event) => change({ name: event.target.value })} /></label>
        <div className="field">
          <span>{t("method")}</span>
          <SegmentedControl size="xs" value={draft.method} data={METHODS.map((value) => ({ value, label: t(`method.${value}`) }))} onChange={(method) => change({ method: method as Method })} aria-label={t("method")} />
          <p className="t12 dim">{t(`methodWords.${draft.method}`)}</p>
        </div>
        <fieldset className="search-lines">
          <legend>{t("varied")}</legend>
          {draft.lines.map((line, place) => (
            <SearchLine
              key={line.key} line={line} cards={cards} method={draft.method} number={place + 1} taken={draft.lines.map((each) => each.name)}
              onName={(name) => change({ lines: draft.lines.map((each) => (each.key === line.key ? lineOf(line.key, name) : each)) })}
              onChange={(part) => change({ lines: draft.lines.map((each) => (each.key === line.key ? { ...each, ...part } : each)) })}
              onRemove={draft.lines.length > 1 ? () => change({ lines: draft.lines.filter((each) => each.key !== line.key) }) : null}
            />
          ))}
          {draft.lines.length < 10 ? <button type="button" className="btn" onClick={add}><Icon name="plus" />{t("addSetting")}</button> : null}
        </fieldset>
        <div className="search-more">
          {draft.method === "grid" ? null : <NumberInput label={t("trials")} min={1} max={1000} allowDecimal={false} value={draft.trials} onChange={(value) => typeof value === "number" && change({ trials: value })} />}
          {draft.method === "optuna" ? <Checkbox size="xs" label={t("prune")} checked={draft.prune} onChange={(event) => change({ prune: event.currentTarget.checked })} /> : null}
          <Checkbox size="xs" label={t("eachSeed")} checked={draft.eachSeed} onChange={(event) => change({ eachSeed: event.currentTarget.checked })} />
        </div>
        {wanted && !forecast.error ? <ForecastLine forecast={forecast.data} /> : null}
        <ErrorNote error={start.error ?? (wanted ? forecast.error : null)} />
        <div className="row end-row">
          <span className="sp" />
          <button type="button" className="btn lg" onClick={onClose}>{t("cancel")}</button>
          <ButtonWithReason type="submit" className="btn lg primary" why={why} busy={!wanted || start.isPending}>{t("start")}</ButtonWithReason>
        </div>
      </form>
    </Modal>
  );
}

/** The cards of the settings, and a card like them for the snippet where one can take the model's place. */
function useVariable(): ParameterCard[] {
  const { catalogue, queue } = useModeling();
  const { graph } = queue.getState().experiment;
  const kinds = (graph.blocks ?? []).map((block) => block.kind);
  const hasEnds = ["input", "target"].every((kind) => kinds.filter((each) => each === kind).length === 1);
  const settings = variable(catalogue.settings);
  if (!hasEnds) return settings;
  const drawn = { value: "as_drawn", label: { en: "As drawn", zh: "当前模型" } };
  const words = { en: "Model", zh: "模型" };
  const snippet: ParameterCard = { name: SNIPPET, label: words, control: "choice", default: drawn.value, what: words, why_default: words, effect: words, telling: false, choices: [drawn, ...catalogue.snippets.map((each) => ({ value: each.name, label: each.label }))] };
  return [...settings, snippet];
}

type LineProps = { line: Line; cards: readonly ParameterCard[]; method: Method; number: number; taken: readonly string[]; onName: (name: string) => void; onChange: (part: Partial<Line>) => void; onRemove: (() => void) | null };

function SearchLine({ line, cards, method, number, taken, onName, onChange, onRemove }: LineProps) {
  const { t, i18n } = useTranslation("groups");
  const language = i18n.language === "zh" ? "zh" : "en";
  const card = cards.find((each) => each.name === line.name);
  const label = card ? localize(card.label, language) : "";
  const options = cards.filter((each) => each.name === line.name || !taken.includes(each.name)).map((each) => ({ value: each.name, label: localize(each.label, language) }));
  const choices = card?.control === "boolean" ? [{ value: "true", label: t("yes") }, { value: "false", label: t("no") }] : (card?.choices ?? []).map((choice) => ({ value: choice.value, label: localize(choice.label, language) }));
  return (
    <div className="search-line">
      <Select aria-label={t("settingNumber", { number })} searchable allowDeselect={false} limit={200} value={line.name || null} data={options} onChange={(name) => name && onName(name)} />
      {!isCounted(card) ? (
        <MultiSelect aria-label={t("valuesOf", { name: label })} data={choices} value={line.picked} placeholder={line.picked.length ? "" : t("pickValues")} onChange={(picked) => onChange({ picked })} />
      ) : method === "grid" ? (
        <input className="input" aria-label={t("valuesOf", { name: label })} placeholder={t("valuesPlaceholder")} value={line.values} onChange={(event) => onChange({ values: event.target.value })} />
      ) : (
        <span className="search-range num">
          <input className="input" aria-label={t("lowOf", { name: label })} value={line.low} onChange={(event) => onChange({ low: event.target.value })} />
          <span className="dim">{t("to")}</span>
          <input className="input" aria-label={t("highOf", { name: label })} value={line.high} onChange={(event) => onChange({ high: event.target.value })} />
          <Checkbox size="xs" label={t("byFactors")} checked={line.log} onChange={(event) => onChange({ log: event.currentTarget.checked })} />
        </span>
      )}
      {onRemove ? <button type="button" className="btn quiet icon" aria-label={t("removeLine", { name: label })} title={t("removeShort")} onClick={onRemove}><Icon name="x" /></button> : <span />}
    </div>
  );
}
