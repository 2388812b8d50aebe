/** The curve of an activation in a 16 × 12 box. */
const CURVES: Record<string, string> = {
  linear: "M1 11L15 1",
  relu: "M1 10h7l6-8",
  leaky_relu: "M1 11l7-2 6-7",
  sigmoid: "M1 10.5c6 0 5-9 14-9",
  tanh: "M1 11c7 0 7-10 14-10",
  softmax: "M1.5 11V8M5.5 11V5M9.500 11V2M13.500 11V7",
  softplus: "M1 10.5c6 0 8-3 13-9",
  elu: "M1 10.8c5 0 6-1 7-2.300l6-6.500",
  selu: "M1 10.8c5 0 6-1 7-2.300l6-7",
  gelu: "M1 9c5 0 5 2.500 8-.5l5-6.500",
  silu: "M1 9c5 0 5 2.500 8-.5l5-6.500",
  swish: "M1 9c5 0 5 2.500 8-.5l5-6.500",
};

/** Give the path of an activation's curve, or null for one that has no picture. */
export const activationCurve = (name: string): string | null => CURVES[name] ?? null;
