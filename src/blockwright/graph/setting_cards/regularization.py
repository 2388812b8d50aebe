"""Cards of the settings that keep a model from being too sure of itself."""

from __future__ import annotations

from blockwright.contracts.graph import ParameterCard
from blockwright.graph.cards import card


def regularization_cards() -> list[ParameterCard]:
    """Give the cards in the order of the form."""
    return [
        card(
            "label_smoothing",
            ("Label smoothing", "标签平滑"),
            "number",
            0.0,
            minimum=0,
            maximum=0.9,
            zero=("Off", "关闭"),
            what=(
                "Spreads this share of each label over all answers while training, so that none "
                "is asked for with full certainty.",
                "训练时把每个标签的这一比例分摊到所有答案，使任何答案都不被要求百分之百确定。",
            ),
            why=("Off: labels are taken at their word.", "默认关闭：完全相信标签。"),
            effect=(
                "0.05 to 0.1 helps where labels are doubtful. The validation loss is counted "
                "without it.",
                "标签不太可靠时用 0.05 到 0.1。验证损失不受其影响。",
            ),
        ),
        card(
            "average",
            ("Average of the weights", "权重平均"),
            "number",
            0.0,
            minimum=0,
            maximum=0.99999,
            zero=("Off", "关闭"),
            what=(
                "Keeps a running average of the weights over the last steps; the average is what "
                "is validated, kept and downloaded. The number is the share that each step keeps.",
                "对最近若干步的权重求滑动平均；验证、保存和下载的都是平均值。数值为每步保留的比例。",
            ),
            why=(
                "Off: a falling learning rate settles a model as well.",
                "默认关闭：逐渐下降的学习率同样能让模型稳定。",
            ),
            effect=(
                "0.99 averages about 100 steps, 0.999 about 1,000: well below the steps of the "
                "run. Curves get smoother, and the model often better.",
                "0.99 约平均 100 步，0.999 约 1,000 步：应远小于运行的总步数。"
                "曲线更平滑，模型往往更好。",
            ),
        ),
    ]
