"""Cards of the settings that are rarely changed."""

from __future__ import annotations

from blockwright.contracts.graph import ParameterCard
from blockwright.graph.cards import Words, card

BACKENDS: dict[str, Words] = {
    "auto": ("Automatic", "自动"),
    "tensorflow": ("TensorFlow", "TensorFlow"),
    "jax": ("JAX", "JAX"),
}
PRECISIONS: dict[str, Words] = {
    "auto": ("Automatic", "自动"),
    "float32": ("float32", "float32"),
    "bfloat16": ("bfloat16", "bfloat16"),
}
COMPILATION: dict[str, Words] = {
    "auto": ("Automatic", "自动"),
    "on": ("On", "开启"),
    "off": ("Off", "关闭"),
}


def advanced_cards() -> list[ParameterCard]:
    """Give the cards in the order of the form."""
    return [
        card(
            "backend",
            ("Backend", "后端"),
            "choice",
            "auto",
            choices=BACKENDS,
            what=("The library that computes the training.", "执行训练计算的库。"),
            why=(
                "Takes JAX on a GPU that it can use, else TensorFlow: on a processor JAX takes two "
                "to four times as long.",
                "有 JAX 可用的 GPU 时采用 JAX，否则采用 TensorFlow：处理器上 JAX 要慢一到三倍。",
            ),
            effect=(
                "The two draw different first weights from the same seed. JAX has to be "
                "installed, compiles every step and uses all cores.",
                "同一种子下两者的初始权重不同。JAX 需要另行安装，会编译每一步，并使用全部核心。",
            ),
        ),
        card(
            "precision",
            ("Precision", "计算精度"),
            "choice",
            "auto",
            choices=PRECISIONS,
            what=(
                "How many digits products are computed with; weights always have float32.",
                "乘法运算所用的位数；权重始终为 float32。",
            ),
            why=(
                "A short trial before the first epoch takes bfloat16 only where it is faster "
                "here and its gradients agree with float32.",
                "第一轮之前会简短试跑；仅当 bfloat16 在本机更快且梯度与 float32 一致时才采用。",
            ),
            effect=(
                "bfloat16 can be twice as fast on recent processors and GPUs; float32 repeats "
                "numbers more exactly.",
                "在较新的处理器和 GPU 上 bfloat16 可快一倍；float32 的数值更精确、更易复现。",
            ),
        ),
        card(
            "xla",
            ("Compile the step (XLA)", "编译训练步（XLA）"),
            "choice",
            "auto",
            choices=COMPILATION,
            only_with=("backend", ["auto", "tensorflow"]),
            what=(
                "Translates a whole training step into one program before it runs.",
                "在运行前把整个训练步翻译成一个程序。",
            ),
            why=(
                "A short trial decides for small models; convolutions are slower with it on "
                "a processor.",
                "小模型由简短试跑决定；在处理器上卷积用它反而更慢。",
            ),
            effect=(
                "On: small models of dense layers often gain, all others wait longer for the "
                "first step.",
                "“开启”：由全连接层组成的小模型常会受益，其他模型的第一步要等更久。",
            ),
        ),
        card(
            "threads",
            ("Threads", "线程数"),
            "integer",
            0,
            minimum=0,
            maximum=1_024,
            zero=("All cores", "全部核心"),
            only_with=("backend", ["auto", "tensorflow"]),
            what=("How many cores a training may use.", "训练最多可用多少个核心。"),
            why=(
                "All that the studio may use; an equal part of them where several trainings "
                "run at once.",
                "工作室可用的全部核心；同时运行多个训练时，各得相等的一份。",
            ),
            effect=(
                "Fewer leave room for other work; the last digits of a result depend on it.",
                "减少可为其他工作留出余地；结果的末位数字与它有关。",
            ),
        ),
        card(
            "shuffle",
            ("Shuffle", "打乱顺序"),
            "boolean",
            True,
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
            what=(
                "Where chance begins: first weights, order, dropout, augmentation.",
                "随机性的起点：初始权重、顺序、丢弃、数据增强。",
            ),
            why=("Any number; the same one repeats a run.", "任意数；相同的数可重复一次运行。"),
            effect=(
                "Another seed shows how much of a result is luck.",
                "换一个种子可看出结果中有多少运气。",
            ),
        ),
    ]
