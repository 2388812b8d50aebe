"""Cards of the settings that say how epochs are judged, and when a run ends early."""

from __future__ import annotations

from blockwright.contracts.graph import ParameterCard
from blockwright.graph.cards import Words, card

BEST_BY: dict[str, Words] = {
    "auto": ("Automatic", "自动"),
    "loss": ("Loss", "损失"),
    "lwlrap": ("lwlrap", "lwlrap"),
    "accuracy": ("Accuracy", "准确率"),
    "top_3_accuracy": ("Among the best 3", "前 3 命中率"),
    "top_5_accuracy": ("Among the best 5", "前 5 命中率"),
    "precision": ("Precision", "精确率"),
    "recall": ("Recall", "召回率"),
    "f1": ("F1", "F1"),
    "average_precision": ("Average precision", "平均精度"),
    "roc_auc": ("ROC AUC", "ROC AUC"),
    "precision_macro": ("Precision (macro)", "精确率（宏平均）"),
    "recall_macro": ("Recall (macro)", "召回率（宏平均）"),
    "f1_macro": ("F1 (macro)", "F1（宏平均）"),
    "average_precision_micro": ("Average precision (micro)", "平均精度（微平均）"),
    "roc_auc_micro": ("ROC AUC (micro)", "ROC AUC（微平均）"),
    "mean_absolute_error": ("Mean absolute error", "平均绝对误差"),
    "root_mean_squared_error": ("Root mean squared error", "均方根误差"),
    "r2": ("R²", "R²"),
    "mean_absolute_percentage_error": ("Mean error in per cent", "平均百分比误差"),
}


def validation_cards() -> list[ParameterCard]:
    """Give the cards in the order of the form."""
    return [
        card(
            "best_by",
            ("Best checkpoint by", "最佳检查点依据"),
            "choice",
            "auto",
            choices=BEST_BY,
            what=("The validation metric that picks the best epoch.", "用哪个验证指标挑选最佳轮。"),
            why=(
                "Automatic takes lwlrap, else accuracy, else the loss.",
                "“自动”依次取 lwlrap、准确率、损失。",
            ),
            effect=("It decides which epoch is downloaded.", "它决定下载哪一轮的模型。"),
        ),
        card(
            "validate_every",
            ("Validate every so many epochs", "每隔多少轮验证"),
            "integer",
            1,
            minimum=1,
            maximum=100_000,
            what=(
                "After how many epochs the Validation subset is tested; always after the last.",
                "每多少轮检验一次验证子集；最后一轮之后总会检验。",
            ),
            why=("1 sees every epoch.", "1 可看到每一轮。"),
            effect=(
                "More saves time where the Validation subset is large and epochs are short; only "
                "a tested epoch can be the best.",
                "验证子集大而每轮较短时，取大一些可省时间；只有检验过的轮才可能成为最佳。",
            ),
        ),
        card(
            "early_stopping_epochs",
            ("Early stopping after epochs", "提前停止的轮数"),
            "integer",
            0,
            minimum=0,
            maximum=10_000,
            zero=("Off", "关闭"),
            what=(
                "Stops once the best value lies so many epochs back. Only a validated epoch ends "
                "the run.",
                "最好的值已是这么多轮之前时停止。只有验证过的轮才会结束运行。",
            ),
            why=("0 never stops early.", "0 表示从不提前停止。"),
            effect=("5 to 10 saves time on long runs.", "长时间运行时用 5 到 10 可节省时间。"),
        ),
    ]
