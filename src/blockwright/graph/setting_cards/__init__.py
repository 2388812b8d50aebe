"""Cards of the experiment's settings: the form of the Settings tab is drawn from them."""

from __future__ import annotations

from functools import cache

from blockwright.contracts.graph import ParameterCard, SettingGroup
from blockwright.graph.setting_cards.advanced import advanced_cards
from blockwright.graph.setting_cards.augmentation import augmentation_cards
from blockwright.graph.setting_cards.data import data_cards
from blockwright.graph.setting_cards.length import length_cards
from blockwright.graph.setting_cards.optimizer import optimizer_cards
from blockwright.graph.setting_cards.regularization import regularization_cards
from blockwright.graph.setting_cards.schedule import schedule_cards
from blockwright.graph.setting_cards.validation import BEST_BY, validation_cards
from blockwright.graph.setting_cards.weights import weight_cards

__all__ = ["BEST_BY", "setting_cards"]


@cache
def setting_cards() -> list[ParameterCard]:
    """Give the cards in the order of the form, each with the group that shows it."""
    groups: dict[SettingGroup, list[ParameterCard]] = {
        "data": data_cards(),
        "length": length_cards(),
        "weights": weight_cards(),
        "optimizer": optimizer_cards(),
        "schedule": schedule_cards(),
        "augmentation": augmentation_cards(),
        "regularization": regularization_cards(),
        "validation": validation_cards(),
        "advanced": advanced_cards(),
    }
    return [
        card.model_copy(update={"group": group})
        for group, cards in groups.items()
        for card in cards
    ]
