// Everything the viewer shows, brought up to date.
// refresh() writes every style that follows from a choice; move() writes transforms and nothing dearer.

import { drawControls } from "./bar.js";
import { drawShapes } from "./figures.js";
import { cellBox, measure, panned, settlePlace, toCell, whole, zoomed } from "./geometry.js";
import { emptyWords, SHAPES_LAYER, shownOpacity } from "./layers.js";
import { later } from "./marks.js";

export function refresh(v) {
  measure(v);
  const { l, choice, data, stage } = v;
  stage.style.height = `${l.stageH}px`;
  stage.dataset.shows = choice.mode;
  v.cells.forEach((cell, n) => {
    const box = cellBox(v, n), place = { left: `${box.left}px`, top: `${box.top}px`, width: `${l.width}px`, height: `${l.height}px` };
    Object.assign(cell.box.style, place);
    Object.assign(cell.frame.style, place);
    Object.assign(cell.world.style, { width: `${l.pictureW}px`, height: `${l.pictureH}px` });
    drawLayers(v, cell);
  });
  drawStack(v);
  drawControls(v);
  v.drawnZoom = v.tagged = null;
  move(v);
  stage.classList.toggle("drawing", v.tool !== "move");
  letScroll(v);
  stage.setAttribute("aria-label", `${data.about} Question mark lists the keys.`);
}

export function drawStack(v) { // the second picture over the first one: cut, see-through or by turns
  const { choice, cells, divider } = v, stacked = v.l.columns === 1, second = cells[1];
  second.box.style.clipPath = choice.mode === "swipe" ? `inset(0 0 0 ${choice.swipe * 100}%)` : "none";
  second.box.style.opacity = choice.mode === "opacity" ? choice.blend : 1;
  second.box.style.visibility = choice.mode === "blink" && v.showsFirst ? "hidden" : "visible";
  cells[0].tag.style.visibility = choice.mode === "blink" && !v.showsFirst ? "hidden" : "visible";
  second.tag.style.visibility = choice.mode === "blink" && v.showsFirst ? "hidden" : "visible";
  second.stamp.hidden = stacked || !v.data.simulated;
  divider.hidden = choice.mode !== "swipe";
  divider.style.left = `${choice.swipe * 100}%`;
  divider.setAttribute("aria-valuenow", Math.round(choice.swipe * 100));
}

function drawLayers(v, cell) {
  const flat = v.choice.style === "fill";
  for (const layer of cell.shown) {
    const img = cell.images.get(`${layer.id} ${layer.src}`);
    if (!img) continue;
    const opacity = flat || layer.picture ? shownOpacity(v, cell, layer) : 0;
    img.style.display = opacity ? "block" : "none";
    img.style.opacity = opacity / 100;
  }
  cell.drawn.style.opacity = shownOpacity(v, cell, SHAPES_LAYER) / 100;
  cell.waiting.textContent = emptyWords(v, cell);
}

export function move(v) {
  const { place, l, data } = v, at = (v.at = settlePlace(v));
  const transform = `translate(${at.x}px, ${at.y}px) scale(${place.zoom})`, closer = v.drawnZoom !== place.zoom;
  for (const cell of v.cells) {
    cell.world.style.transform = transform;
    if (closer) cell.drawn.style.setProperty("--u", 1 / (l.fit * place.zoom)); // metres a CSS pixel
    const marked = cell.marked;
    if (!marked) continue;
    const k = place.zoom / marked.zoom;
    cell.marks.style.transform = `translate(${at.x - marked.x * k}px, ${at.y - marked.y * k}px) scale(${k})`;
  }
  if (closer) {
    v.drawnZoom = place.zoom;
    letScroll(v);
    v.stage.classList.toggle("crisp", l.fit * place.zoom * data.ground[0] >= 1);
    drawScale(v);
    if (v.drawn.selected >= 0) drawShapes(v); // which edges have a handle in their middle
  }
  drawCross(v);
  drawTags(v);
  v.stage.classList.add("moving");
  later(v);
}

function letScroll(v) { // a finger moves the page where it has nothing to move in the picture
  v.stage.classList.toggle("scrolls", v.tool === "move" && v.place.zoom <= 1);
}

function drawTags(v) { // on the picture, not on the margin beside it
  const { l, at, place, cells, $ } = v;
  const left = Math.round(Math.max(0, at.x)) + 8, right = Math.round(Math.max(0, l.width - at.x - l.pictureW * place.zoom)) + 8;
  if (v.tagged === `${left} ${right}`) return;
  v.tagged = `${left} ${right}`;
  const stacked = l.columns === 1, room = l.width - left - right;
  cells.forEach((cell, n) => {
    Object.assign(cell.tag.style, stacked && n ? { right: `${right}px`, left: "auto" } : { left: `${left}px`, right: "auto" });
    cell.tag.style.maxWidth = `${(stacked ? 0.46 : 1) * room}px`;
  });
  $(".readout").style.left = `${left}px`;
  $(".north").style.right = `${right}px`;
}

function drawScale(v) {
  const { l, place, $ } = v, perPixel = 1 / (l.fit * place.zoom), longest = Math.min(160, l.width / 4) * perPixel;
  if (!(longest > 0)) return; // hidden while another part of the page loads
  const power = 10 ** Math.floor(Math.log10(longest)), metres = [5, 2, 1].map((n) => n * power).find((n) => n <= longest);
  $(".scale b").textContent = metres >= 1000 ? `${metres / 1000} km` : `${Number(metres.toPrecision(2))} m`;
  $(".scale span").style.width = `${metres / perPixel}px`;
}

function drawCross(v) { // where the keyboard points: the middle, or wherever the arrows took it while drawing
  const { x, y } = toCell(v, v.cursor ?? [v.place.column, v.place.row]);
  v.$(".cross").style.transform = `translate(${x}px, ${y}px)`;
}

// --- by hand -----------------------------------------------------------------------------

export function pan(v, dx, dy) {
  panned(v, dx, dy);
  move(v);
}

export function zoomTo(v, zoom, point) {
  zoomed(v, zoom, point);
  move(v);
}

export function zoomKey(v, way) {
  if (way === "fit") { Object.assign(v.place, whole(v.data)); move(v); }
  if (way === "in") zoomTo(v, v.place.zoom * 1.5);
  if (way === "out") zoomTo(v, v.place.zoom / 1.5);
}

export function keepInSight(v, point) { // the picture follows what the keys move at the border
  const { x, y } = toCell(v, point), { l } = v;
  const out = (here, room) => Math.min(0, here - 20) || Math.max(0, here - room + 20);
  pan(v, -out(x, l.width), -out(y, l.height));
}
