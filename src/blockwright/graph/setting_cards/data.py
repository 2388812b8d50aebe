"""Cards of the settings that say which rows are learnt from and tested on."""

from __future__ import annotations

from blockwright.contracts.graph import ParameterCard
from blockwright.graph.cards import card


def data_cards() -> list[ParameterCard]:
    """Give the cards in the order of the form."""
    return [
        card(
            "version_id",
            ("Dataset version", "数据集版本"),
            "choice",
            None,
            what=("The frozen state of a dataset to learn from.", "用于学习的已冻结数据集状态。"),
            why=(
                "The newest saved version when the experiment was made.",
                "创建实验时最新保存的版本。",
            ),
            effect=(
                "Runs on different versions are not strictly comparable.",
                "不同版本上的运行不能严格比较。",
            ),
        ),
        card(
            "training_subset_id",
            ("Training subset", "训练子集"),
            "choice",
            None,
            what=("The rows to learn from.", "用于学习的行。"),
            why=("The subset named Training.", "名为“训练”的子集。"),
            effect=("More rows, better models.", "行越多，模型越好。"),
        ),
        card(
            "validation_subset_id",
            ("Validation subset", "验证子集"),
            "choice",
            None,
            what=("The rows to test on after each epoch.", "每轮之后用于检验的行。"),
            why=("The subset named Validation.", "名为“验证”的子集。"),
            effect=(
                "Rows that are also trained on make the numbers look better than they are.",
                "若这些行也用于训练，数字会好得失真。",
            ),
        ),
    ]
