/** The kind of drag that carries an entry of the catalogue: `block/<kind>` or `snippet/<name>`. */
export const DRAGGED_ENTRY = "application/x-blockwright-entry";
