"""Ready groups of blocks. Their ids are for the browser to rename before it adds them."""

from __future__ import annotations

from itertools import pairwise

from blockwright.contracts.graph import (
    Block,
    GraphDocument,
    ParamValue,
    Position,
    SnippetCard,
    Wire,
)
from blockwright.graph.blocks import block_specs
from blockwright.graph.cards import text

LEFT_PX = 120.0
TOP_PX = 60.0

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
    """Four convolutions with pooling, for spectrograms; minutes on a laptop.

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
    steps += [
        ("average", "global_average_pooling_2d", {}),
        ("dropout", "dropout", {"rate": 0.3}),
        ("dense", "dense", {"nodes": 80, "activation": "sigmoid"}),
        ("target", "target", {"loss": "binary_crossentropy"}),
    ]
    return chain(steps)


def snippet_cards() -> list[SnippetCard]:
    """Give every snippet as the catalogue shows it."""
    resnet, small = resnet_snippet(), small_cnn_snippet()
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
    ]


def _parameters(graph: GraphDocument, shape: tuple[int, ...]) -> int:
    total = 0
    for block in graph.blocks:
        spec = block_specs()[block.kind]
        total += spec.parameters(block.params, [shape])
        shape = spec.shape(block.params, [shape])
    return total
