"""Cards of the experiment's settings: the form of the Settings tab is drawn from them."""

from __future__ import annotations

from blockwright.contracts.graph import ParameterCard
from blockwright.graph.cards import Words, card

OPTIMIZERS: dict[str, Words] = {
    "adam": ("Adam", "Adam"),
    "adamw": ("AdamW", "AdamW"),
    "sgd": ("SGD", "SGD"),
    "rmsprop": ("RMSprop", "RMSprop"),
}

BEST_BY: dict[str, Words] = {
    "auto": ("Automatic", "自动"),
    "loss": ("Loss", "损失"),
    "lwlrap": ("lwlrap", "lwlrap"),
    "accuracy": ("Accuracy", "准确率"),
    "precision": ("Precision", "精确率"),
    "recall": ("Recall", "召回率"),
    "mean_absolute_error": ("Mean absolute error", "平均绝对误差"),
}


def setting_cards() -> list[ParameterCard]:
    """Give the cards in the order of the form; those not telling are folded under Advanced."""
    return [*_data_cards(), *_length_cards(), *_optimizer_cards(), *_advanced_cards()]


def _data_cards() -> list[ParameterCard]:
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


def _length_cards() -> list[ParameterCard]:
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
    ]


def _optimizer_cards() -> list[ParameterCard]:
    return [
        card(
            "optimizer",
            ("Optimizer", "优化器"),
            "choice",
            "adam",
            choices=OPTIMIZERS,
            what=("The rule by which weights are changed.", "更新权重所用的规则。"),
            why=("Adam works without much tuning.", "Adam 几乎不用调参。"),
            effect=(
                "AdamW also shrinks weights; SGD needs a larger learning rate and patience.",
                "AdamW 还会收缩权重；SGD 需要更大的学习率和耐心。",
            ),
        ),
        card(
            "learning_rate",
            ("Learning rate", "学习率"),
            "number",
            0.001,
            minimum=1e-9,
            maximum=100,
            what=("How far each step goes.", "每一步走多远。"),
            why=("0.001 suits Adam.", "0.001 适合 Adam。"),
            effect=(
                "Too large and the loss jumps or grows; too small and nothing moves. "
                "Change it by factors of 3.",
                "太大则损失跳动或上升，太小则停滞不前。每次按 3 倍调整。",
            ),
        ),
    ]


def _advanced_cards() -> list[ParameterCard]:
    return [
        card(
            "best_by",
            ("Best checkpoint by", "最佳检查点依据"),
            "choice",
            "auto",
            choices=BEST_BY,
            telling=False,
            what=("The validation metric that picks the best epoch.", "用哪个验证指标挑选最佳轮。"),
            why=(
                "Automatic takes lwlrap, else accuracy, else the loss.",
                "“自动”依次取 lwlrap、准确率、损失。",
            ),
            effect=("It decides which epoch is downloaded.", "它决定下载哪一轮的模型。"),
        ),
        card(
            "early_stopping_epochs",
            ("Early stopping after epochs", "提前停止的轮数"),
            "integer",
            0,
            minimum=0,
            maximum=10_000,
            telling=False,
            zero=("Off", "关闭"),
            what=(
                "Stops after so many epochs without a better value.",
                "连续这么多轮没有更好的值就停止。",
            ),
            why=("0 never stops early.", "0 表示从不提前停止。"),
            effect=("5 to 10 saves time on long runs.", "长时间运行时用 5 到 10 可节省时间。"),
        ),
        card(
            "shuffle",
            ("Shuffle", "打乱顺序"),
            "boolean",
            True,
            telling=False,
            what=("Goes through the rows in a new order each epoch.", "每轮以新的顺序过数据。"),
            why=(
                "Rows that are sorted by class would mislead each batch.",
                "按类别排序的行会误导每个批次。",
            ),
            effect=("Off only to look for mistakes.", "只在查错时关闭。"),
        ),
        card(
            "seed",
            ("Seed", "随机种子"),
            "integer",
            42,
            minimum=0,
            maximum=2**31 - 1,
            telling=False,
            what=("Where chance begins: first weights, order, dropout.", "随机性的起点。"),
            why=("Any number; the same one repeats a run.", "任意数；相同的数可重复一次运行。"),
            effect=(
                "Another seed shows how much of a result is luck.",
                "换一个种子可看出结果中有多少运气。",
            ),
        ),
        card(
            "momentum",
            ("Momentum (SGD)", "动量（SGD）"),
            "number",
            0.9,
            minimum=0,
            maximum=0.9999,
            telling=False,
            only_with=("optimizer", "sgd"),
            what=("How much of the last step is kept, for SGD only.", "保留上一步的多少，仅 SGD。"),
            why=("0.9 is the usual value.", "0.9 是常用值。"),
            effect=("0 follows each batch alone.", "0 表示只看当前批次。"),
        ),
        card(
            "weight_decay",
            ("Weight decay (AdamW)", "权重衰减（AdamW）"),
            "number",
            0.004,
            minimum=0,
            maximum=10,
            telling=False,
            only_with=("optimizer", "adamw"),
            what=("How fast weights shrink, for AdamW only.", "权重收缩的快慢，仅 AdamW。"),
            why=("0.004 is Keras' value.", "0.004 是 Keras 的默认值。"),
            effect=(
                "More keeps the model simple; 0.0001 to 0.1 is usual.",
                "越大模型越简单；常用 0.0001 到 0.1。",
            ),
        ),
    ]
