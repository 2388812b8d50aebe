/** The inspector: what can be built, how the run is set, and the picked block. */
import { useEffect, useState, useSyncExternalStore } from "react";
import type { RefObject } from "react";
import { useTranslation } from "react-i18next";

import { removeWire } from "@/model/operations";
import { type ParameterCard, wiresOf } from "@/model/document";
import { Icon } from "@/ui/Icon";

import { BuildTab } from "./BuildTab";
import { useGestures, useModeling } from "./ModelingContext";
import { ParameterHint } from "./ParameterHint";
import { PickedBlock } from "./PickedBlock";
import { SettingsTab } from "./SettingsTab";

export type InspectorTab = "build" | "settings";

type Props = { tab: InspectorTab; onTab: (tab: InspectorTab) => void; searchRef: RefObject<HTMLInputElement | null>; inserting: boolean; onInsertDone: () => void };

export function Inspector({ tab, onTab, searchRef, inserting, onInsertDone }: Props) {
  const { t } = useTranslation("modeling");
  const { flow, blocks, wires } = useModeling();
  const [setting, setSetting] = useState<ParameterCard | null>(null);
  const press = usePress();
  useEffect(() => {
    // The words about a setting take the lower part of the panel: the field stays in sight.
    if (setting) document.querySelector(`[data-setting="${setting.name}"]`)?.scrollIntoView({ block: "nearest" });
  }, [setting]);
  const focus = useSyncExternalStore(flow.subscribe, flow.getFocus);
  const picked = focus.blockIds.length === 1 ? blocks.find((view) => view.id === focus.blockIds[0]) : undefined;
  const wire = wires.find((view) => view.id === focus.wireId);
  return (
    <aside className="side right inspector" aria-label={t("inspector")}>
      <div className="insp-h">
        <div className="seg" role="tablist" aria-label={t("inspector")}>
          {(["build", "settings"] as const).map((name) => (
            <button key={name} type="button" role="tab" id={`tab-${name}`} aria-controls={`panel-${name}`} aria-selected={tab === name} tabIndex={tab === name ? 0 : -1} onClick={() => onTab(name)} onKeyDown={(event) => {
              if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
              const other = name === "build" ? "settings" : "build";
              onTab(other);
              document.getElementById(`tab-${other}`)?.focus();
            }}>
              {t(name)}
            </button>
          ))}
        </div>
      </div>
      <div className="insp-b" onPointerDownCapture={press.begin} role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`}>
        {tab === "build" ? (
          <BuildTab searchRef={searchRef} insertInto={wire && inserting ? t("inserting", { source: wire.sourceName, target: wire.targetName }) : null} onInsertDone={onInsertDone} />
        ) : (
          <SettingsTab onField={(card) => press.after(() => setSetting(card))} />
        )}
      </div>
      {tab === "settings" && setting && (
        <section className="selbox small about-setting">
          <ParameterHint card={setting} />
        </section>
      )}
      {tab === "build" && picked && <PickedBlock key={picked.id} view={picked} />}
      {tab === "build" && wire && <PickedWire id={wire.id} source={wire.sourceName} target={wire.targetName} />}
      {tab === "build" && focus.blockIds.length > 1 && <PickedBlocks count={focus.blockIds.length} />}
    </aside>
  );
}

/** Lets a press end where it began: what its focus would bring in comes after it. */
function usePress() {
  const [press] = useState(() => {
    let isDown = false;
    const up = () => { isDown = false; };
    return {
      begin: () => {
        isDown = true;
        for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, up, { once: true });
      },
      // The click follows the release of the pointer.
      after: (act: () => void) => (isDown ? window.addEventListener("pointerup", () => setTimeout(act), { once: true }) : act()),
    };
  });
  return press;
}

function PickedWire({ id, source, target }: { id: string; source: string; target: string }) {
  const { t } = useTranslation("modeling");
  const { experiment } = useModeling();
  const { edit } = useGestures();
  const wire = wiresOf(experiment.graph).find((item) => item.id === id);
  return (
    <section className="selbox small" aria-label={t("wire_name", { source, target })}>
      <div className="row sel-h">
        <h2 className="sp">{t("wire_name", { source, target })}</h2>
        {wire && (
          <button type="button" className="btn quiet icon sm" aria-label={t("disconnect")} title={t("remove_hint")} onClick={() => edit([removeWire(wire)])}>
            <Icon name="bin" />
          </button>
        )}
      </div>
      <p className="t12 mut">{t("wire_hint")}</p>
    </section>
  );
}

function PickedBlocks({ count }: { count: number }) {
  const { t } = useTranslation("modeling");
  const { removePicked } = useGestures();
  return (
    <section className="selbox small" aria-label={t("picked_blocks", { count })}>
      <div className="row sel-h">
        <h2 className="sp">{t("picked_blocks", { count })}</h2>
        <button type="button" className="btn sm" onClick={removePicked}>
          <Icon name="bin" />
          {t("remove_all")}
        </button>
      </div>
    </section>
  );
}
