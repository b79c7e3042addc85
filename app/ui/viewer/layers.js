// Which pictures and layers there are, which of them each cell shows, and how strongly.

export const OVERLAYS = "overlays", ONLY = "only."; // what a cell may show besides pictures
export const SHAPES_LAYER = { id: "drawn", title: "Drawn shapes", colour: "#fff", on: true, opacity: 100, pattern: "", picture: true };

export function switchable(v) { return [...v.data.layers, SHAPES_LAYER]; }

export function layerOf(v, id) { return switchable(v).find((layer) => layer.id === id); }

export function cellCount(v) { return v.choice.mode === "grid" ? v.data.limits.cells : 2; }

export function chosenIds(v) { // one a cell; what this page does not have gives way to what it has
  const { data, choice } = v;
  const asked = choice.mode === "grid" ? choice.cells : [choice.left, choice.right];
  const spare = data.pictures.length > 2 ? data.pictures[2].id : OVERLAYS;
  const usual = choice.mode === "grid" ? [data.pictures[0].id, data.pictures[1].id, spare, OVERLAYS] : data.pictures.map((one) => one.id);
  return Array.from({ length: cellCount(v) }, (_, n) => (offered(v).some((one) => one.id === asked[n]) ? asked[n] : usual[n]));
}

export function offered(v) {
  const tail = v.data.simulated ? " · SIMULATED" : "";
  const masks = v.data.layers.filter((layer) => !layer.picture);
  return [
    ...v.data.pictures.map((one) => ({ ...one, group: "Pictures" })),
    ...masks.map((layer) => ({ id: ONLY + layer.id, title: `${layer.title} alone`, label: `${layer.title}${tail}`, group: "Masks" })),
    ...(masks.length ? [{ id: OVERLAYS, title: "Layers alone", label: `Layers alone${tail}`, group: "Masks" }] : []),
  ];
}

export function mayShow(v, layer, id) {
  if (id.startsWith(ONLY)) return id === ONLY + layer.id;
  if (id === OVERLAYS) return !layer.picture;
  return layer.id !== id && (layer.pane === null || v.data.pictures[layer.pane].id === id);
}

export function opacityOf(v, layer) { // 0 to 100
  return v.choice.layers[layer.id] ?? (layer.on ? layer.opacity : 0);
}

export function shownOpacity(v, cell, layer) { // a mask shown alone is there whether it is switched on or not
  if (cell.id === ONLY + layer.id) return opacityOf(v, layer) || 100;
  return v.choice.hidden ? 0 : opacityOf(v, layer);
}

export function emptyWords(v, cell) { // what stands where there is no picture to see
  if (cell.waits) return "Preparing this picture …";
  const empty = cell.id === OVERLAYS && !cell.shown.some((layer) => shownOpacity(v, cell, layer));
  return empty ? "Switch a layer on to see it here" : "";
}
