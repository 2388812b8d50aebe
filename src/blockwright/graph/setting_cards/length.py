"""Cards of the settings that say how long a run is."""

from __future__ import annotations

from blockwright.contracts.graph import ParameterCard
from blockwright.graph.cards import card


def length_cards() -> list[ParameterCard]:
    """Give the cards in the order of the form."""
    return [
        card(
            "batch_size",
            ("Batch size", "批大小"),
            "integer",
            28,
            minimum=1,
            maximum=65_536,
            what=("How many rows are learnt from in one step.", "每一步学习多少行。"),
            why=(
                "28 spectrograms of 256 by 256 fit into the memory of a laptop.",
                "28 张 256×256 的频谱图可放进笔记本的内存。",
            ),
            effect=(
                "Larger needs more memory and takes fewer, steadier steps; 8 to 128 is usual.",
                "越大越占内存，步数更少、更平稳；常用 8 到 128。",
            ),
        ),
        card(
            "epochs",
            ("Epochs", "轮数"),
            "integer",
            30,
            minimum=1,
            maximum=100_000,
            what=("How often all training rows are gone through.", "把全部训练行过多少遍。"),
            why=("30 shows where the curves lead.", "30 轮足以看出曲线的走向。"),
            effect=(
                "More takes longer; the best epoch is kept in any case.",
                "越多越久；无论如何都会保留最好的一轮。",
            ),
        ),
        card(
            "time_limit_minutes",
            ("Time limit in minutes", "时间限制（分钟）"),
            "number",
            0.0,
            minimum=0,
            maximum=1_000_000,
            zero=("Off", "关闭"),
            what=(
                "Ends the run after so many minutes of training; the best epoch is kept. The first "
                "epoch is always finished.",
                "训练这么多分钟后结束；保留最好的一轮。第一轮总会完成。",
            ),
            why=("Off: the run ends with its last epoch.", "默认关闭：最后一轮后结束。"),
            effect=(
                "Pauses do not count. A rate that falls over all epochs will not have come to its "
                "end: better choose fewer Epochs.",
                "暂停不计时。按总轮数下降的学习率将来不及降到底：最好减少轮数。",
            ),
        ),
    ]
