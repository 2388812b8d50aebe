/** How long the canvas takes to move, in milliseconds; not at all for a person who asked for less motion. */
export const moveMs = (): number => (window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 280);
