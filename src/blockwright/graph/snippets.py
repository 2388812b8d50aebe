"""Ready groups of blocks. Their ids are for the browser to rename before it adds them."""

from __future__ import annotations

from itertools import pairwise

from blockwright.contracts.graph import (
    Block,
    ExperimentSettings,
    GraphDocument,
    ParamValue,
    Position,
    SnippetCard,
    Wire,
)
from blockwright.graph.blocks import block_specs
from blockwright.graph.cards import text
from blockwright.graph.view import GraphView

LEFT_PX = 120.0
TOP_PX = 60.0
ASIDE_PX = 280.0

Step = tuple[str, str, dict[str, ParamValue]]  # block id, kind, parameters off their defaults


def chain(steps: list[Step]) -> GraphDocument:
    """Put blocks below one another, each wired to the one above it."""
    specs = block_specs()
    blocks, top = [], TOP_PX
    for block_id, kind, params in steps:
        blocks.append(
            Block(
                id=block_id,
                kind=kind,
                params=specs[kind].complete(params),
                position=Position(x=LEFT_PX, y=top),
            )
        )
        top += specs[kind].pitch_px
    wires = [
        Wire(id=f"{above.id}-{below.id}", source=above.id, target=below.id)
        for above, below in pairwise(blocks)
    ]
    return GraphDocument(blocks=blocks, wires=wires)


def resnet_snippet() -> GraphDocument:
    """Input, the body of ResNet-50 v2, one Dense and a Target, to be fitted to the data."""
    return chain(
        [
            ("input", "input", {}),
            ("resnet", "resnet_v2_50", {}),
            ("dense", "dense", {"nodes": 512, "activation": "linear"}),
            ("target", "target", {}),
        ]
    )


def small_cnn_snippet() -> GraphDocument:
    """Four convolutions with pooling, for spectrograms; minutes on a laptop."""
    return chain([*_convolutions(), ("average", "global_average_pooling_2d", {}), *_answer()])


def sound_cnn_snippet() -> GraphDocument:
    """The same convolutions, heard out by mean and maximum: lasting sounds and brief ones."""
    pooled: list[Step] = [("average", "global_average_pooling_2d", {}), ("both", "concatenate", {})]
    graph = chain([*_convolutions(), *pooled, *_answer()])
    return _beside(graph, "average", ("maximum", "global_max_pooling_2d", {}))


def _convolutions() -> list[Step]:
    """Give four convolutions with pooling.

    The first one strides by 2, which saves three quarters of the computing where
    the picture is largest. Normalisation comes before each ReLU.
    """
    steps: list[Step] = [
        ("input", "input", {}),
        ("reshape", "reshape", {"target_shape": [256, 256, 1]}),
        ("normalize", "batch_normalization", {"momentum": 0.9}),
    ]
    for place, (filters, stride) in enumerate([(32, 2), (64, 1), (128, 1), (256, 1)], start=1):
        steps += [
            (
                f"conv_{place}",
                "conv_2d",
                {"filters": filters, "stride": [stride, stride], "activation": "linear"},
            ),
            (f"normalize_{place}", "batch_normalization", {"momentum": 0.9}),
            (f"relu_{place}", "activation", {"activation": "relu"}),
            (f"pool_{place}", "max_pooling_2d", {}),
        ]
    return steps


def _answer() -> list[Step]:
    return [
        ("dropout", "dropout", {"rate": 0.3}),
        ("dense", "dense", {"nodes": 80, "activation": "sigmoid"}),
        ("target", "target", {"loss": "binary_crossentropy"}),
    ]


def _beside(graph: GraphDocument, block_id: str, step: Step) -> GraphDocument:
    """Put a block to the right of another one, between the same neighbours."""
    own_id, kind, params = step
    left = next(block for block in graph.blocks if block.id == block_id)
    place = Position(x=left.position.x + ASIDE_PX, y=left.position.y)
    block = Block(id=own_id, kind=kind, params=block_specs()[kind].complete(params), position=place)
    ends = [
        (
            own_id if wire.source == block_id else wire.source,
            own_id if wire.target == block_id else wire.target,
        )
        for wire in graph.wires
        if block_id in (wire.source, wire.target)
    ]
    wires = [Wire(id=f"{above}-{below}", source=above, target=below) for above, below in ends]
    return GraphDocument(blocks=[*graph.blocks, block], wires=[*graph.wires, *wires])


def snippet_cards() -> list[SnippetCard]:
    """Give every snippet as the catalogue shows it."""
    resnet, small, sound = resnet_snippet(), small_cnn_snippet(), sound_cnn_snippet()
    return [
        SnippetCard(
            name="resnet_v2_large_50",
            label=text(("ResNetv2 large 50", "ResNetv2 large 50")),
            what=text(
                (
                    "A deep network for pictures and spectrograms: 50 layers with shortcuts. "
                    "Strong with thousands of rows, slow without a GPU.",
                    "用于图片和频谱图的深层网络：50 层，带捷径。"
                    "有数千行数据时效果好，没有 GPU 时较慢。",
                )
            ),
            parameters=_parameters(resnet, (256, 256, 1)),
            graph=resnet,
        ),
        SnippetCard(
            name="cnn_small",
            label=text(("CNN small", "CNN small")),
            what=text(
                (
                    "Four convolutions with pooling: learns spectrograms in minutes on a laptop.",
                    "四个卷积加池化：在笔记本上几分钟即可学习频谱图。",
                )
            ),
            parameters=_parameters(small, (256, 256)),
            graph=small,
        ),
        SnippetCard(
            name="cnn_sound",
            label=text(("CNN for sounds", "声音 CNN")),
            what=text(
                (
                    "CNN small that looks for lasting sounds and for brief ones, by mean and "
                    "maximum.",
                    "在 CNN small 的基础上同时取平均值和最大值：持续的声音和短促的声音都能听出。",
                )
            ),
            parameters=_parameters(sound, (256, 256)),
            graph=sound,
        ),
    ]


def _parameters(graph: GraphDocument, shape: tuple[int, ...]) -> int:
    view = GraphView(graph, None, ExperimentSettings())
    total, shapes = 0, dict[str, tuple[int, ...]]()
    for block_id in view.order:
        block = view.blocks[block_id]
        spec = block_specs()[block.kind]
        above = [shapes[wire.source] for wire in view.wires_in[block_id]] or [shape]
        total += spec.parameters(block.params, above)
        shapes[block_id] = spec.shape(block.params, above)
    return total
