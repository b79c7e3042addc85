// Cells and the images in them: a picture of the patch, layers over it, or a mask alone.

import { element, svg } from "./elements.js";
import { cellCount, chosenIds, mayShow, offered } from "./layers.js";
import { later } from "./marks.js";
import { remember } from "./store.js";
import { mediaUrl } from "./streamlit.js";
import { refresh } from "./view.js";

// Build as many cells as the mode needs, and give each its picture and its layers.
export function refill(v) {
  const ids = chosenIds(v);
  while (v.cells.length > ids.length) dropCell(v.cells.pop());
  while (v.cells.length < ids.length) v.cells.push(newCell(v, v.cells.length));
  for (const [n, cell] of v.cells.entries()) fillCell(v, cell, ids[n], n);
}

function choosePicture(v, n, id) {
  if (v.choice.mode === "grid") v.choice.cells = chosenIds(v).map((held, cell) => (cell === n ? id : held));
  else v.choice[n ? "right" : "left"] = id;
  refill(v);
  refresh(v);
  remember(v, true);
}

function newCell(v, n) {
  const cell = { box: element("div", "cell"), world: element("div", "world"), marks: element("canvas", "marks"), frame: element("div", "frame") };
  cell.box.dataset.pane = n;
  cell.ground = element("div", "ground");
  cell.drawn = svg("svg", { class: "drawn" });
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
