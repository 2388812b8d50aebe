/** Every problem of the experiment, with its way out. */
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";

import { describeProblem } from "@/i18n";
import { localize } from "@/model/blockView";
import type { GraphProblem } from "@/model/document";
import type { FieldFault } from "@/model/fieldFaults";
import { useFaultWords } from "@/ui/CardField";
import { Icon } from "@/ui/Icon";

import { useGestures, useModeling } from "./ModelingContext";
import { RepairButton } from "./ProblemRow";

export function ProblemList() {
  const { t } = useTranslation("modeling");
  const { experiment, faults } = useModeling();
  const { problems } = experiment.analysis;
  // A text that cannot be taken never reaches the server, whose problems know nothing of it.
  const faulty = useSyncExternalStore(faults.subscribe, faults.all);
  const errors = problems.filter((item) => item.severity === "error");
  const toRepair = errors.length + faulty.length;
  const warnings = problems.filter((item) => item.severity === "warning");
  return (
    <section className="sec sp problems" aria-label={t("problems")}>
      <div className="sec-h">
        <h2>{t("problems")}</h2>
        {toRepair > 0 && (
          <span className="tag bad" title={t("error_count", { count: toRepair })}>
            <Icon name="alert" size={12} />
            {toRepair}
          </span>
        )}
        {warnings.length > 0 && (
          <span className="tag" title={t("warning_count", { count: warnings.length })}>
            <Icon name="info" size={12} />
            {warnings.length}
          </span>
        )}
      </div>
      {problems.length + faulty.length === 0 ? (
        <p className="t12 dim">{(experiment.graph.blocks ?? []).length > 0 ? t("no_problems") : t("problems_appear_here")}</p>
      ) : (
        <ul className="probs">
          {faulty.map((fault) => <FaultCard key={fault.fieldKey ?? fault.card.name} fault={fault} />)}
          {[...errors, ...warnings].map((item, index) => (
            <ProblemCard key={`${item.problem.code}/${item.block_id ?? ""}/${item.wire_id ?? ""}/${index}`} item={item} />
          ))}
        </ul>
      )}
    </section>
  );
}

function FaultCard({ fault }: { fault: FieldFault }) {
  const { words } = useModeling();
  const { focusField } = useGestures();
  const faultWords = useFaultWords();
  const { fieldKey } = fault;
  return (
    <li className="prob bad">
      <button type="button" className="row b6 go" onClick={() => fieldKey && focusField(fieldKey)} disabled={!fieldKey}>
        <Icon name="alert" />
        <span className="ell">{localize(fault.card.label, words.language)}</span>
      </button>
      <p className="mut">{faultWords(fault)}</p>
    </li>
  );
}

function ProblemCard({ item }: { item: GraphProblem }) {
  const { t } = useTranslation("modeling");
  const { blocks, wires, flow, catalogue, words: language } = useModeling();
  const { reveal, editSetting } = useGestures();
  const words = describeProblem(item.problem);
  const wire = wires.find((view) => view.id === item.wire_id);
  const block = blocks.find((view) => view.id === (item.block_id ?? wire?.target));
  const setting = item.block_id ? undefined : catalogue.settings.find((card) => card.name === item.param);
  const show = () => {
    if (block) reveal(block.id);
    else if (setting) editSetting(setting.name);
    if (wire && !item.block_id) flow.pickWire(wire.id);
  };
  return (
    <li className={`prob${item.severity === "error" ? " bad" : ""}`}>
      <button type="button" className="row b6 go" onClick={show} disabled={!block && !setting}>
        <Icon name={item.severity === "error" ? "alert" : "info"} />
        <span className="ell">{block?.name ?? (setting ? localize(setting.label, language.language) : t("model"))}</span>
      </button>
      <p className="mut">{words.message}</p>
      {item.repair ? <RepairButton problem={item} /> : <p className="dim">{words.fix}</p>}
    </li>
  );
}
