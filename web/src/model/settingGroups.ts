/**
 * The settings in their groups, as the form shows them.
 *
 * Takes   the cards, the settings, and which settings a problem names.
 * Gives   the groups in order, with the cards that have a meaning now and what was changed in each.
 */
import { hasEffect, type ParameterCard, type ParamValue, type Settings } from "./document";

export type SettingGroupName = NonNullable<ParameterCard["group"]>;

export type SettingGroup = {
  name: SettingGroupName;
  cards: ParameterCard[];
  /** Those whose value is not the usual one. */
  changed: { card: ParameterCard; value: ParamValue }[];
  /** A problem names one of its settings: folded, it would be a riddle. */
  inNeed: boolean;
};

/** Groups that are never folded: nobody runs anything without looking at them. */
export const ALWAYS_OPEN: ReadonlySet<SettingGroupName> = new Set(["data", "length", "optimizer"]);

export function settingGroups(cards: readonly ParameterCard[], settings: Settings, named: readonly (string | null | undefined)[]): SettingGroup[] {
  const groups = new Map<SettingGroupName, SettingGroup>();
  for (const card of cards) {
    if (!card.group) continue;
    const isNamed = named.includes(card.name);
    if (!isNamed && !hasEffect(card, settings, cards)) continue;
    const group = groups.get(card.group) ?? { name: card.group, cards: [], changed: [], inNeed: false };
    groups.set(card.group, group);
    group.cards.push(card);
    group.inNeed ||= isNamed;
    const value = settings[card.name as keyof Settings] as ParamValue | undefined;
    if (value !== undefined && value !== card.default) group.changed.push({ card, value });
  }
  return [...groups.values()];
}
