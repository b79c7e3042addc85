// Hatched and outlined masks, drawn at the screen's own fineness on a canvas over each cell.
// While a hand moves, the canvas only moves along; it is drawn afresh once the hand is still.

import { element } from "./elements.js";
import { shownOpacity } from "./layers.js";
import { pattern } from "./patterns.js";
import { remember } from "./store.js";

const MARGIN = 0.25; // of a cell, drawn around it so that a moved canvas does not end at once
const SETTLE_MS = 90;

export function later(v) {
  clearTimeout(v.settling);
  v.settling = setTimeout(() => settle(v), SETTLE_MS);
}

export function settle(v) {
  clearTimeout(v.settling);
  v.stage.classList.remove("moving");
  for (const cell of v.cells) mark(v, cell);
  remember(v);
}

function mark(v, cell) {
  const { l, place, at } = v, canvas = cell.marks, fine = Math.min(2, window.devicePixelRatio || 1);
  const layers = v.choice.style === "fill" ? [] : cell.shown.filter((layer) => !layer.picture && shownOpacity(v, cell, layer) > 0);
  cell.marked = null;
  canvas.hidden = !layers.length;
  if (!layers.length) { canvas.width = canvas.height = 0; return; }
  const marginX = l.width * MARGIN, marginY = l.height * MARGIN;
  const width = l.width + 2 * marginX, height = l.height + 2 * marginY;
  Object.assign(canvas, { width: Math.round(width * fine), height: Math.round(height * fine) });
  Object.assign(canvas.style, {
    left: `${-marginX}px`, top: `${-marginY}px`, width: `${width}px`, height: `${height}px`,
    transform: "none", transformOrigin: `${marginX}px ${marginY}px`,
  });
  const box = [at.x + marginX, at.y + marginY, l.pictureW * place.zoom, l.pictureH * place.zoom].map((n) => n * fine);
  const pen = canvas.getContext("2d");
  for (const layer of layers) {
    const img = cell.images.get(`${layer.id} ${layer.src}`);
    if (!img?.complete || !img.naturalWidth) continue;
    pen.globalAlpha = shownOpacity(v, cell, layer) / 100;
    for (const inked of inks(v, layer, img, box, fine, canvas)) pen.drawImage(inked, 0, 0);
  }
  cell.marked = { zoom: place.zoom, x: at.x, y: at.y };
}

// What is drawn of one mask: a dark edge, its coloured edge inside that, and hatching where asked for.
function* inks(v, layer, img, box, fine, canvas) {
  const flat = scratch(v, 0, canvas), made = scratch(v, 1, canvas);
  flat.imageSmoothingEnabled = box[2] < img.naturalWidth;
  flat.drawImage(img, ...box);
  yield edge(made, flat.canvas, 3 * fine, "#000a");
  yield edge(scratch(v, 1, canvas), flat.canvas, 2 * fine, layer.colour);
  if (v.choice.style !== "hatch") return;
  flat.globalCompositeOperation = "source-in";
  flat.fillStyle = flat.createPattern(pattern(layer.pattern, layer.colour, fine), "repeat");
  flat.fillRect(0, 0, canvas.width, canvas.height);
  yield flat.canvas;
}

function scratch(v, n, canvas) { // a clean canvas of the same size, used again
  v.scratches ??= [element("canvas"), element("canvas")];
  Object.assign(v.scratches[n], { width: canvas.width, height: canvas.height }); // setting the size wipes it
  return v.scratches[n].getContext("2d");
}

function edge(pen, flat, reach, colour) { // the mask pushed out on all sides, less the mask itself
  for (let turn = 0; turn < 8; turn++) {
    pen.drawImage(flat, Math.cos(turn * Math.PI / 4) * reach, Math.sin(turn * Math.PI / 4) * reach);
  }
  pen.globalCompositeOperation = "destination-out";
  pen.drawImage(flat, 0, 0);
  pen.globalCompositeOperation = "source-in";
  pen.fillStyle = colour;
  pen.fillRect(0, 0, flat.width, flat.height);
  return pen.canvas;
}
