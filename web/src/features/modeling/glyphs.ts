/** Which drawing tells a block kind apart; kinds without their own take their group's. */
import type { IconName } from "@/ui/Icon";

const GLYPHS: Record<string, IconName> = {
  input: "gInput",
  target: "gTarget",
  dense: "gDense",
  batch_normalization: "gBn",
  reshape: "gReshape",
  flatten: "gFlat",
  dropout: "gDrop",
  activation: "gAct",
  conv_2d: "gConv",
  convolution_2d: "gConv",
  max_pooling_2d: "gPool",
  average_pooling_2d: "gPool",
  global_average_pooling_2d: "gGap",
  global_max_pooling_2d: "gGap",
  concatenate: "gCat",
  add: "gAdd",
};

export function glyphOf(kind: string): IconName {
  const known = GLYPHS[kind];
  if (known) return known;
  if (/pool/.test(kind)) return /global/.test(kind) ? "gGap" : "gPool";
  if (/conv/.test(kind)) return "gConv";
  return /resnet|vgg|net|body/.test(kind) ? "gNet" : "gDense";
}
