/** The dialog for a new experiment: its name, and a preset that suits the data or an empty canvas. */
import { Select } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { api, type Schemas, unwrap } from "@/api/client";
import { keys, presetsQuery } from "@/api/queries";
import { localize } from "@/model/blockView";
import { Icon } from "@/ui/Icon";

import { NameDialog } from "./NameDialog";

type Preset = Schemas["PresetCard"];
type Ends = { input: string | null; target: string | null };

const NOTHING = "";
const NO_ENDS: Ends = { input: null, target: null };
const SEARCH_FROM = 9;

export function NewExperiment({ projectId, existing, onClose }: { projectId: string; existing: string[]; onClose: () => void }) {
  const { t } = useTranslation("modeling");
  const client = useQueryClient();
  const navigate = useNavigate();
  const offered = useQuery(presetsQuery(projectId));
  const presets = offered.data ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const [ends, setEnds] = useState<Ends>(NO_ENDS);
  // Until the person chooses, the first preset that suits the data is meant.
  const preset = presets.find((item) => item.name === (chosen ?? presets[0]?.name)) ?? null;
  const open = preset ? openEnds(preset, ends) : [];
  let number = existing.length + 1;
  while (existing.includes(t("experiment_default", { number }))) number += 1;
  const create = async (name: string) => {
    const body = { name, preset: preset ? { name: preset.name, ...ends } : null };
    const made = await unwrap(api.POST("/api/v1/projects/{project_id}/experiments", { params: { path: { project_id: projectId } }, body }));
    client.setQueryData(keys.experiment(made.id), made);
    await client.invalidateQueries({ queryKey: keys.experiments(projectId) });
    await navigate(`/projects/${projectId}/modeling/${made.id}`);
  };
  return (
    <NameDialog title={t("new_experiment")} action={t("create")} initial={t("experiment_default", { number })} why={open.length > 0 ? t(`preset_needs_${open[0]}`) : null} waiting={offered.isPending} onClose={onClose} onName={create}>
      {presets.length > 0 && (
        <fieldset className="begin-with">
          <legend>{t("begin_with")}</legend>
          {presets.map((item) => (
            <PresetOption key={item.name} preset={item} on={item === preset} ends={ends} onPick={() => {
              setChosen(item.name);
              setEnds(NO_ENDS);
            }} onEnds={setEnds} />
          ))}
          <label className={`begin${preset ? "" : " on"}`}>
            <input type="radio" name="begin" checked={!preset} onChange={() => setChosen(NOTHING)} />
            <span>
              <b>{t("begin_empty")}</b>
              <span className="mut">{t("begin_empty_how")}</span>
            </span>
          </label>
        </fieldset>
      )}
    </NameDialog>
  );
}

/** Which ends of a preset several features suit, without one being chosen. */
function openEnds(preset: Preset, ends: Ends): (keyof Ends)[] {
  return (["input", "target"] as const).filter((end) => preset[`${end}s`].length > 1 && ends[end] === null);
}

function PresetOption({ preset, on, ends, onPick, onEnds }: { preset: Preset; on: boolean; ends: Ends; onPick: () => void; onEnds: (ends: Ends) => void }) {
  const { t, i18n } = useTranslation("modeling");
  const { t: ofFields } = useTranslation("fields");
  const language = i18n.language === "zh" ? "zh" : "en";
  return (
    <div className={`begin${on ? " on" : ""}`}>
      <label>
        <input type="radio" name="begin" checked={on} onChange={onPick} />
        <span>
          <b>{localize(preset.label, language)}</b>
          <span className="mut">{localize(preset.what, language)}</span>
        </span>
      </label>
      {on && (["input", "target"] as const).map((end) => preset[`${end}s`].length > 1 && (
        <Select
          key={end}
          className="choice-field"
          size="xs"
          label={t(`preset_${end}`)}
          data={preset[`${end}s`]}
          value={ends[end]}
          onChange={(value) => onEnds({ ...ends, [end]: value })}
          allowDeselect={false}
          searchable={preset[`${end}s`].length >= SEARCH_FROM}
          nothingFoundMessage={ofFields("nothing_found")}
          placeholder={ofFields("choose")}
          comboboxProps={{ shadow: "lg" }}
          rightSection={<Icon name="down" />}
          rightSectionPointerEvents="none"
        />
      ))}
    </div>
  );
}
