"""What each training setting may be, in words, read off the settings themselves.

Takes   the name of a setting, and a value.
Gives   whether it may have this value, and all it may be: "from 1 to 65,536".
"""

from __future__ import annotations

from typing import Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import ValidationError

from blockwright.contracts.base import LocalizedText
from blockwright.contracts.training_settings import TrainingSettings


def may_be(name: str, value: object) -> bool:
    """Say whether a setting may have a value, whatever the other settings and the data are."""
    try:
        TrainingSettings.model_validate({name: value})
    except ValidationError:
        return False
    return True


def allowed(name: str) -> LocalizedText:
    """Give what a setting may be, to be read after "it must be".

    Raises:
        KeyError: There is no such setting.
    """
    field = TrainingSettings.model_fields[name]
    kind = field.annotation
    if get_origin(kind) is Literal:
        choices = [str(each) for each in get_args(kind)]
        return LocalizedText(
            en=f"one of {', '.join(choices)}", zh=f"以下之一：{'、'.join(choices)}"
        )
    if kind is bool:
        return LocalizedText(en="true or false", zh=" true 或 false")
    if kind not in (int, float):
        return LocalizedText(en="a text", zh="文本")
    return _range(field.metadata, kind)


def _range(bounds: list[object], kind: object) -> LocalizedText:
    en, zh = [], []
    for bound in bounds:
        if isinstance(bound, Ge):
            en.append(f"at least {bound.ge:,}")
            zh.append(f"不小于 {bound.ge:,}")
        elif isinstance(bound, Gt):
            en.append(f"above {bound.gt:,}")
            zh.append(f"大于 {bound.gt:,}")
        elif isinstance(bound, Le):
            en.append(f"at most {bound.le:,}")
            zh.append(f"不超过 {bound.le:,}")
        elif isinstance(bound, Lt):
            en.append(f"below {bound.lt:,}")
            zh.append(f"小于 {bound.lt:,}")
    number, number_zh = ("a whole number, ", "整数，") if kind is int else ("", "")
    return LocalizedText(en=number + " and ".join(en), zh=number_zh + "且".join(zh))
