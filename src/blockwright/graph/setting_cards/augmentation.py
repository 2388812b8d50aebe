"""Cards of the settings that make each epoch see other versions of the same rows."""

from __future__ import annotations

from blockwright.contracts.graph import ParameterCard
from blockwright.graph.cards import card


def augmentation_cards() -> list[ParameterCard]:
    """Give the cards in the order of the form."""
    return [*_mixup_cards(), *_mask_cards(), _shift_card()]


def _mixup_cards() -> list[ParameterCard]:
    return [
        card(
            "mixup",
            ("Mixup", "混合（Mixup）"),
            "number",
            0.0,
            minimum=0,
            maximum=10,
            zero=("Off", "关闭"),
            what=(
                "Learns from blends of two rows of a batch. The number says how even the blends "
                "are: 1 draws every share alike, below 1 one row mostly prevails.",
                "用同一批次中两行的混合来学习。数值表示混合的均匀程度：1 表示各种比例机会均等，"
                "小于 1 时通常以其中一行为主。",
            ),
            why=(
                "Off, so that the first run shows the plain data.",
                "默认关闭，先看原始数据的结果。",
            ),
            effect=(
                "0.1 to 0.4 makes memorizing hard and often helps most of all; training numbers "
                "look worse, as they are of the blends.",
                "0.1 到 0.4 让死记硬背变难，往往收效最大；训练指标会变差，因为它们针对混合后的行。",
            ),
        ),
        card(
            "mixup_labels",
            ("Labels of a blend", "混合行的标签"),
            "choice",
            "mix",
            choices={
                "mix": ("By shares", "按比例"),
                "either": ("All labels of both", "两行的全部标签"),
            },
            only_with=("mixup", []),
            what=(
                "By shares blends the labels like the rows. All labels of both says that each "
                "label of either row is true.",
                "“按比例”把标签像数据一样混合。“两行的全部标签”表示任一行的标签都为真。",
            ),
            why=(
                "By shares suits one label per row.",
                "每行一个标签时适合按比例。",
            ),
            effect=(
                "All labels of both suits recordings with several labels: two sounds played "
                "together are both there.",
                "“两行的全部标签”适合多标签录音：同时播放的两种声音都存在。",
            ),
        ),
    ]


def _mask_cards() -> list[ParameterCard]:
    width = (
        "0.15 hides a part and leaves the whole recognizable.",
        "0.15 遮住一部分，整体仍可辨认。",
    )
    return [
        card(
            "time_masks",
            ("Time masks", "时间遮挡"),
            "integer",
            0,
            minimum=0,
            maximum=20,
            zero=("Off", "关闭"),
            what=(
                "Covers so many stretches of time of each spectrogram with its mean, elsewhere in "
                "each epoch. Of a picture: columns.",
                "用均值遮住每张频谱图的若干段时间，每轮位置不同。对图片则为列。",
            ),
            why=(
                "Off, so that the first run shows the plain data.",
                "默认关闭，先看原始数据的结果。",
            ),
            effect=(
                "1 or 2 keeps the model from relying on one moment; with few rows it helps much.",
                "1 或 2 可避免模型只依赖某一时刻；行少时很有帮助。",
            ),
        ),
        card(
            "time_mask_width",
            ("Width of time masks", "时间遮挡宽度"),
            "number",
            0.15,
            minimum=0.001,
            maximum=1,
            only_with=("time_masks", []),
            what=(
                "The largest width of one, as a share of the length; each draws its own.",
                "单个遮挡的最大宽度占长度的比例；每个各自随机。",
            ),
            why=width,
            effect=("0.05 to 0.3 is usual.", "常用 0.05 到 0.3。"),
        ),
        card(
            "frequency_masks",
            ("Frequency masks", "频率遮挡"),
            "integer",
            0,
            minimum=0,
            maximum=20,
            zero=("Off", "关闭"),
            what=(
                "Covers so many ranges of frequency of each spectrogram with its mean, elsewhere "
                "in each epoch. Of a picture: lines.",
                "用均值遮住每张频谱图的若干频段，每轮位置不同。对图片则为行。",
            ),
            why=(
                "Off, so that the first run shows the plain data.",
                "默认关闭，先看原始数据的结果。",
            ),
            effect=(
                "1 or 2 prepares for other microphones and rooms.",
                "1 或 2 可适应其他麦克风和房间。",
            ),
        ),
        card(
            "frequency_mask_width",
            ("Width of frequency masks", "频率遮挡宽度"),
            "number",
            0.15,
            minimum=0.001,
            maximum=1,
            only_with=("frequency_masks", []),
            what=(
                "The largest width of one, as a share of all bands; each draws its own.",
                "单个遮挡的最大宽度占全部频带的比例；每个各自随机。",
            ),
            why=width,
            effect=("0.05 to 0.3 is usual.", "常用 0.05 到 0.3。"),
        ),
    ]


def _shift_card() -> ParameterCard:
    return card(
        "time_shift",
        ("Time shift", "时间平移"),
        "number",
        0.0,
        minimum=0,
        maximum=1,
        zero=("Off", "关闭"),
        what=(
            "Shifts each recording along time by up to this share of its length, to either side; "
            "what leaves at one end comes in at the other.",
            "把每段录音沿时间左右平移，最多为长度的这一比例；一端移出的部分从另一端进入。",
        ),
        why=("Off, so that the first run shows the plain data.", "默认关闭，先看原始数据的结果。"),
        effect=(
            "0.5 gives every position. Leave it off where the moment matters, and for pictures.",
            "0.5 可取到任意位置。若时刻本身有意义，或数据是图片，请保持关闭。",
        ),
    )
