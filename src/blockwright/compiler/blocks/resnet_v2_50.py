"""ResNetv2 large 50, laid out flat from standard Keras layers.

He et al., Identity Mappings in Deep Residual Networks, 2016. The layout is that of
`keras.applications.ResNet50V2` (stride at the end of a stage, epsilon 1.001e-5);
flat and with names behind the block's id, so that a graph may hold several.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras

from blockwright.compiler.layer_options import LayerOptions, Tensor
from blockwright.compiler.normalization import batch_normalization
from blockwright.graph.block_spec import Params, switch
from blockwright.graph.blocks.resnet_v2_50 import STAGES, STEM_FILTERS

EPSILON = 1.001e-5


def build(params: Params, inputs: Sequence[Tensor], options: LayerOptions) -> Tensor:
    """Put stem, four stages and the mean over height and width."""
    body = _Body(options, trainable=switch(params, "trainable"))
    x = body.pad(inputs[0], 3, "conv1_pad")
    x = body.convolve(x, STEM_FILTERS, 7, "conv1_conv", stride=2, bias=True)
    x = body.pad(x, 1, "pool1_pad")
    x = body.shrink(x, 3, 2, "pool1_pool")
    for stage, (filters, units, stride) in enumerate(STAGES, start=2):
        for unit in range(1, units + 1):
            x = body.unit(
                x,
                filters,
                f"conv{stage}_block{unit}",
                stride=stride if unit == units else 1,
                widen=unit == 1,
            )
    x = body.activate(body.normalize(x, "post_bn"), "post_relu")
    inner = options.inner("avg_pool")
    return keras.layers.GlobalAveragePooling2D(name=inner.name, dtype=inner.dtype)(x)


class _Body:
    """The few layers that the body is made of, named and seeded."""

    def __init__(self, options: LayerOptions, *, trainable: bool) -> None:
        self.options = options
        self.trainable = trainable

    def unit(self, x: Tensor, filters: int, name: str, *, stride: int, widen: bool) -> Tensor:
        """Put one bottleneck with its shortcut."""
        before = self.activate(self.normalize(x, f"{name}_preact_bn"), f"{name}_preact_relu")
        if widen:
            shortcut = self.convolve(
                before, 4 * filters, 1, f"{name}_0_conv", stride=stride, bias=True
            )
        else:
            shortcut = self.shrink(x, 1, stride, f"{name}_max_pooling") if stride > 1 else x
        y = self.convolve(before, filters, 1, f"{name}_1_conv")
        y = self.activate(self.normalize(y, f"{name}_1_bn"), f"{name}_1_relu")
        y = self.convolve(
            self.pad(y, 1, f"{name}_2_pad"), filters, 3, f"{name}_2_conv", stride=stride
        )
        y = self.activate(self.normalize(y, f"{name}_2_bn"), f"{name}_2_relu")
        y = self.convolve(y, 4 * filters, 1, f"{name}_3_conv", bias=True)
        inner = self.options.inner(f"{name}_out")
        return keras.layers.Add(name=inner.name, dtype=inner.dtype)([shortcut, y])

    def convolve(
        self, x: Tensor, filters: int, side: int, name: str, *, stride: int = 1, bias: bool = False
    ) -> Tensor:
        inner = self.options.inner(name)
        layer = keras.layers.Conv2D(
            filters,
            side,
            strides=stride,
            use_bias=bias,
            kernel_initializer=inner.kernel(),
            trainable=self.trainable,
            name=inner.name,
            dtype=inner.dtype,
        )
        return layer(x)

    def normalize(self, x: Tensor, name: str) -> Tensor:
        layer = batch_normalization(
            self.options.inner(name), epsilon=EPSILON, trainable=self.trainable
        )
        return layer(x)

    def activate(self, x: Tensor, name: str) -> Tensor:
        inner = self.options.inner(name)
        return keras.layers.Activation("relu", name=inner.name, dtype=inner.dtype)(x)

    def pad(self, x: Tensor, margin: int, name: str) -> Tensor:
        inner = self.options.inner(name)
        return keras.layers.ZeroPadding2D(margin, name=inner.name, dtype=inner.dtype)(x)

    def shrink(self, x: Tensor, side: int, stride: int, name: str) -> Tensor:
        inner = self.options.inner(name)
        layer = keras.layers.MaxPooling2D(side, strides=stride, name=inner.name, dtype=inner.dtype)
        return layer(x)
