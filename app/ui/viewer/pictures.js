// Cells and what they show: a picture of the patch, layers over it, or a mask alone.

const OVERLAYS = "overlays", ONLY = "only."; // what a cell may show besides pictures

function cellCount(v) { return v.choice.mode === "grid" ? 4 : 2; }

function chosenIds(v) { // one a cell; what this page does not have gives way to what it has
  const { data, choice } = v;
  const asked = choice.mode === "grid" ? choice.cells : [choice.left, choice.right];
  const spare = data.pictures.length > 2 ? data.pictures[2].id : OVERLAYS;
  const usual = choice.mode === "grid" ? [data.pictures[0].id, data.pictures[1].id, spare, OVERLAYS] : data.pictures.map((one) => one.id);
  return Array.from({ length: cellCount(v) }, (_, n) => (offered(v).some((one) => one.id === asked[n]) ? asked[n] : usual[n]));
}

function offered(v) {
  const tail = v.data.simulated ? " · SIMULATED" : "";
  const masks = v.data.layers.filter((layer) => !layer.picture);
  return [
    ...v.data.pictures.map((one) => ({ ...one, group: "Pictures" })),
    ...masks.map((layer) => ({ id: ONLY + layer.id, title: `${layer.title} alone`, label: `${layer.title}${tail}`, group: "Masks" })),
    ...(masks.length ? [{ id: OVERLAYS, title: "Layers alone", label: `Layers alone${tail}`, group: "Masks" }] : []),
  ];
}

function choosePicture(v, n, id) {
  if (v.choice.mode === "grid") v.choice.cells = chosenIds(v).with(n, id);
  else v.choice[n ? "right" : "left"] = id;
  refill(v);
  refresh(v);
  remember(v, true);
}

// Build as many cells as the mode needs, and give each its picture and its layers.
function refill(v) {
  const ids = chosenIds(v);
  while (v.cells.length > ids.length) dropCell(v.cells.pop());
  while (v.cells.length < ids.length) v.cells.push(newCell(v, v.cells.length));
  v.cells.forEach((cell, n) => fillCell(v, cell, ids[n], n));
}

function newCell(v, n) {
  const cell = { box: element("div", "cell"), world: element("div", "world"), marks: element("canvas", "marks"), frame: element("div", "frame") };
  cell.box.dataset.pane = n;
  cell.ground = element("div", "ground");
  cell.drawn = document.createElementNS(SVG, "svg");
  cell.drawn.classList.add("drawn");
  cell.waiting = element("span", "waiting");
  cell.tag = element("label", "tag");
  cell.words = element("span", "words");
  cell.select = element("select");
  cell.stamp = element("div", "simulated", "SIMULATED");
  cell.tag.append(cell.words, cell.select);
  cell.frame.append(cell.stamp, cell.waiting, cell.tag);
  cell.world.append(cell.ground, cell.drawn);
  cell.box.append(cell.world, cell.marks);
  v.stage.insertBefore(cell.box, v.divider);
  v.stage.insertBefore(cell.frame, v.divider);
  cell.select.addEventListener("change", () => choosePicture(v, n, cell.select.value));
  cell.images = new Map(); // address -> image, so that nothing is decoded twice
  return cell;
}

function dropCell(cell) { cell.box.remove(); cell.frame.remove(); }

function fillCell(v, cell, id, n) {
  const options = offered(v), chosen = options.find((one) => one.id === id);
  cell.id = id;
  cell.shown = v.data.layers.filter((layer) => mayShow(v, layer, id));
  const wanted = [...(chosen.src ? [[chosen.src, "picture", chosen.label]] : []), ...cell.shown.filter((layer) => layer.src).map((layer) => [layer.src, layer.id, ""])];
  placeImages(v, cell, wanted);
  cell.waits = !chosen.src && v.data.pictures.some((one) => one.id === id);
  if (cell.waits) remember(v, true); // the server makes it now that somebody looks
  cell.words.textContent = chosen.label;
  cell.stamp.hidden = !v.data.simulated;
  fillSelect(cell.select, options, id);
  cell.select.setAttribute("aria-label", `Picture ${n + 1} of ${cellCount(v)}`);
}

function mayShow(v, layer, id) {
  if (id.startsWith(ONLY)) return id === ONLY + layer.id;
  if (id === OVERLAYS) return !layer.picture;
  return layer.id !== id && (layer.pane === null || v.data.pictures[layer.pane].id === id);
}

// Images stay as long as their address does; a new one takes its place once it is decoded, so nothing flashes.
function placeImages(v, cell, wanted) {
  const layers = wanted.map(([src, id, alt]) => {
    const held = cell.images.get(`${id} ${src}`) ?? newImage(v, src, id, alt);
    return [`${id} ${src}`, held];
  });
  cell.images = new Map(layers);
  const images = [...cell.images.values()], turn = (cell.turn = {});
  const wantedHere = [cell.ground, ...images, cell.drawn];
  if (wantedHere.length === cell.world.children.length && wantedHere.every((one, n) => one === cell.world.children[n])) return;
  const swapIn = () => cell.world.replaceChildren(...wantedHere);
  if (images.every((img) => img.complete)) return swapIn();
  Promise.allSettled(images.map((img) => (img.dataset.kind === "picture" ? img.decode() : null))).then(() => {
    if (cell.turn !== turn) return; // something newer is on its way
    swapIn();
    refresh(v);
  });
}

function newImage(v, src, id, alt) {
  const img = new Image();
  img.alt = alt; img.draggable = false; img.decoding = "async";
  img.dataset.kind = id === "picture" ? "picture" : "layer";
  img.className = id === "picture" ? "picture" : "overlay";
  if (id !== "picture") img.dataset.layer = id;
  img.addEventListener("load", () => v.cells.length && later(v));
  img.src = mediaUrl(src);
  return img;
}

function mediaUrl(src) { // Streamlit serves pictures beside its own script, wherever that is
  if (!src.startsWith("/media/")) return src;
  const script = document.querySelector("script[src*='static/js/']");
  const root = script ? script.src.split("static/js/")[0] : new URL(".", document.baseURI).href;
  return root + src.slice(1);
}

function fillSelect(select, options, id) { // made afresh only where it differs: it may be open
  const looks = JSON.stringify(options.map((one) => [one.group, one.id, one.title]));
  if (select.dataset.looks !== looks) {
    select.dataset.looks = looks;
    select.replaceChildren(...["Pictures", "Masks"].map((name) => optionGroup(name, options)).filter((group) => group.children.length));
  }
  select.value = id;
}

function optionGroup(name, options) {
  const group = element("optgroup");
  group.label = name;
  group.append(...options.filter((one) => one.group === name).map((one) => new Option(one.title, one.id)));
  return group;
}

function opacityOf(v, layer) { // 0 to 100
  return v.choice.layers[layer.id] ?? (layer.on ? layer.opacity : 0);
}

function emptyWords(v, cell) { // what stands where there is no picture to see
  if (cell.waits) return "Preparing this picture …";
  const empty = cell.id === OVERLAYS && !cell.shown.some((layer) => shownOpacity(v, cell, layer));
  return empty ? "Switch a layer on to see it here" : "";
}

function shownOpacity(v, cell, layer) { // a mask shown alone is there whether it is switched on or not
  if (cell.id === ONLY + layer.id) return opacityOf(v, layer) || 100;
  return v.choice.hidden ? 0 : opacityOf(v, layer);
}

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}
