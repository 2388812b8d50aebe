/** The head of a block, the same on the canvas and in the list: glyph, name, telling parameters, size. */
import { useTranslation } from "react-i18next";

import { activationCurve } from "@/model/activationCurve";
import type { BlockView, Telling } from "@/model/blockView";
import { formatCount } from "@/model/shape";
import { Icon } from "@/ui/Icon";

import { DataPeekPicture } from "./DataPeekPicture";
import { glyphOf } from "./glyphs";

export function BlockHead({ view, tellings, onEdit }: { view: BlockView; tellings: Telling[]; onEdit: (param: string) => void }) {
  const { t } = useTranslation("modeling");
  return (
    <div className="hd">
      <span className="gl">
        <Icon name={glyphOf(view.kind)} />
      </span>
      <div className="what">
        <div className="nm ell">
          {view.title}
          {view.number > 1 && <span className="ordinal num"> {view.number}</span>}
        </div>
        <div className="pr">
          {tellings.map((telling) => (
            <TellingValue key={telling.name} telling={telling} onEdit={onEdit} />
          ))}
        </div>
      </div>
      {view.peek ? <DataPeekPicture peek={view.peek} isTarget={!view.gives} /> : view.parameters ? (
        <div className="out">
          <div className="n num">{formatCount(view.parameters)}</div>
          <div className="w">{t("parameters_word", { count: view.parameters })}</div>
        </div>
      ) : null}
    </div>
  );
}

/** One parameter where it is read; a click leads to its field. */
function TellingValue({ telling, onEdit }: { telling: Telling; onEdit: (param: string) => void }) {
  const curve = telling.curve ? activationCurve(telling.curve) : null;
  return (
    <div className="telling" onDoubleClick={() => onEdit(telling.name)}>
      <span>{telling.label}</span>{" "}
      {curve && (
        <svg className="actv" viewBox="0 0 16 12" aria-hidden="true">
          <path d={curve} />
        </svg>
      )}
      <b className={`num${telling.bad ? " bad" : ""}${telling.missing ? " missing" : ""}`}>{telling.value}</b>
    </div>
  );
}
