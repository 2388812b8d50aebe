"""Parameter cards and block cards, written beside the block that they describe.

Takes   pairs of (English, Simplified Chinese) words.
Gives   the card types of `contracts.graph`.
"""

from __future__ import annotations

from typing import Literal

from blockwright.contracts.base import LocalizedText
from blockwright.contracts.graph import Choice, OnlyWith, ParameterCard, ParamValue

Words = tuple[str, str]
Control = Literal["integer", "number", "boolean", "choice", "shape", "integer_pair", "source"]


def text(words: Words) -> LocalizedText:
    """Give the pair (English, Chinese) as a localized text."""
    return LocalizedText(en=words[0], zh=words[1])


def card(
    name: str,
    label: Words,
    control: Control,
    default: ParamValue,
    *,
    what: Words,
    why: Words,
    effect: Words,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: dict[str, Words] | None = None,
    telling: bool = True,
    zero: Words | None = None,
    only_with: tuple[str, list[str]] | None = None,
) -> ParameterCard:
    """Make a parameter card; `choices` maps each stored value to its visible words."""
    return ParameterCard(
        name=name,
        label=text(label),
        control=control,
        default=default,
        minimum=minimum,
        maximum=maximum,
        choices=[Choice(value=v, label=text(w)) for v, w in choices.items()] if choices else None,
        what=text(what),
        why_default=text(why),
        effect=text(effect),
        telling=telling,
        zero=text(zero) if zero else None,
        only_with=OnlyWith(name=only_with[0], values=only_with[1]) if only_with else None,
    )


ACTIVATIONS: dict[str, Words] = {
    "linear": ("Linear", "线性"),
    "relu": ("ReLU", "ReLU"),
    "sigmoid": ("Sigmoid", "Sigmoid"),
    "softmax": ("Softmax", "Softmax"),
    "tanh": ("Tanh", "Tanh"),
    "leaky_relu": ("Leaky ReLU", "Leaky ReLU"),
    "elu": ("ELU", "ELU"),
    "selu": ("SELU", "SELU"),
    "gelu": ("GELU", "GELU"),
    "silu": ("SiLU", "SiLU"),
    "softplus": ("Softplus", "Softplus"),
}

LOSSES: dict[str, Words] = {
    "binary_crossentropy": ("Binary crossentropy", "二元交叉熵"),
    "categorical_crossentropy": ("Categorical crossentropy", "分类交叉熵"),
    "mean_squared_error": ("Mean squared error", "均方误差"),
}

PADDINGS: dict[str, Words] = {"same": ("Same", "保持大小"), "valid": ("Valid", "不填充")}


def activation_card(default: str) -> ParameterCard:
    """Make the card of an activation choice."""
    return card(
        "activation",
        ("Activation", "激活函数"),
        "choice",
        default,
        choices=ACTIVATIONS,
        what=(
            "The curve that each output value passes through.",
            "每个输出值所经过的曲线。",
        ),
        why=(
            "ReLU is quick and trains well inside a network; Linear leaves the values as they are.",
            "ReLU 计算快，在网络内部训练效果好；“线性”不改变数值。",
        ),
        effect=(
            "Before a Target use Sigmoid for several true classes, Softmax for exactly one, "
            "Linear for numbers.",
            "在“目标”之前：可有多个正确类别时用 Sigmoid，只有一个时用 Softmax，"
            "预测数值时用“线性”。",
        ),
    )


def padding_card(default: str) -> ParameterCard:
    """Make the card of a padding choice."""
    return card(
        "padding",
        ("Padding", "填充"),
        "choice",
        default,
        choices=PADDINGS,
        what=(
            "What happens at the edge: Same adds a border of zeros, Valid stays inside.",
            "边缘的处理方式：“保持大小”在四周补零，“不填充”只在图内计算。",
        ),
        why=(
            "Same keeps the size easy to foresee, Valid uses only values that are really there.",
            "“保持大小”便于预知尺寸；“不填充”只使用真实存在的数值。",
        ),
        effect=(
            "Valid makes the output smaller by the window minus one.",
            "“不填充”会让输出缩小（窗口大小减一）。",
        ),
        telling=False,
    )


def pair_card(
    name: str,
    label: Words,
    default: list[int],
    *,
    what: Words,
    why: Words,
    effect: Words,
    maximum: int,
    telling: bool = True,
) -> ParameterCard:
    """Make the card of a height and a width."""
    return card(
        name,
        label,
        "integer_pair",
        default,
        minimum=1,
        maximum=maximum,
        what=what,
        why=why,
        effect=effect,
        telling=telling,
    )


def stride_card(default: list[int]) -> ParameterCard:
    """Make the card of a stride over height and width."""
    return pair_card(
        "stride",
        ("Stride", "步幅"),
        default,
        maximum=64,
        what=(
            "How far the window moves at each step, down and to the right.",
            "窗口每一步向下和向右移动的距离。",
        ),
        why=(
            "1 looks at every place; pooling moves by its own size so that windows do not overlap.",
            "1 会看遍每个位置；池化按窗口大小移动，窗口互不重叠。",
        ),
        effect=(
            "2 halves height and width and needs a quarter of the computing; rarely above 4.",
            "2 使高和宽减半，计算量约为四分之一；很少大于 4。",
        ),
        telling=False,
    )


def trainable_card() -> ParameterCard:
    """Make the card of a block whose weights may be kept as they are."""
    return card(
        "trainable",
        ("Trainable", "可训练"),
        "boolean",
        True,
        what=(
            "Whether training changes the weights of this block.",
            "训练时是否更新此模块的权重。",
        ),
        why=("A new block has everything to learn.", "新模块的一切都要学习。"),
        effect=(
            "Off keeps the weights as they are: quicker, but nothing is learnt here.",
            "关闭后权重保持不变：更快，但这里学不到东西。",
        ),
    )


def pool_size_card() -> ParameterCard:
    """Make the card of a pooling window."""
    return pair_card(
        "pool_size",
        ("Pool size", "池化窗口"),
        [2, 2],
        maximum=256,
        what=("Height and width of the window.", "窗口的高和宽。"),
        why=("2 by 2 halves the picture.", "2×2 使图片减半。"),
        effect=(
            "Larger windows make the picture smaller and lose detail.",
            "窗口越大，图片越小，细节越少。",
        ),
    )
