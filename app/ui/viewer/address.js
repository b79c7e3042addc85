// The texts of what a reader chose, as they stand in the address, and back.
// They are those of address.py: one form for the link, for the server and for this file.

import { toGround, toPixel } from "./geometry.js";
import { switchable } from "./layers.js";

export function readChoice({ choice: texts, usual, paces }) {
  const layers = texts.layers.split(",").map((part) => part.split(":")).filter(([, opacity]) => opacity >= 0 && opacity <= 100);
  return {
    mode: texts.mode, left: texts.left, right: texts.right, cells: texts.cells.split(","), style: texts.style,
    layers: Object.fromEntries(layers.map(([id, opacity]) => [id, Number(opacity)])),
    last: {}, touched: new Set(), hidden: false, swipe: numberIn(texts.swipe, 0, 100, usual.swipe) / 100,
    blend: numberIn(texts.blend, 0, 100, usual.blend) / 100, pace: numberIn(texts.pace, ...paces, usual.pace),
  };
}

function numberIn(text, low, high, usual) { // an address somebody went back to may say anything
  return text && text >= low && text <= high ? Number(text) : Number(usual);
}

export function choiceTexts(v) {
  const { mode, left, right, cells, style, layers, swipe, blend, pace } = v.choice;
  const usual = Object.fromEntries(switchable(v).map((layer) => [layer.id, layer.on ? layer.opacity : 0]));
  const changed = Object.entries(layers).filter(([id, opacity]) => usual[id] !== opacity);
  return {
    mode, left, right, cells: cells.join(","), style, layers: changed.map((pair) => pair.join(":")).join(","), view: placeText(v),
    swipe: String(Math.round(swipe * 100)), blend: String(Math.round(blend * 100)), pace: String(Number(pace.toFixed(1))),
  };
}

export function placeText(v) {
  const { zoom, column, row } = v.place;
  if (zoom <= 1) return "";
  const [x, y] = toGround(v.data, column, row);
  return [zoom.toFixed(2), y.toFixed(6), x.toFixed(6)].map(Number).join(",");
}

export function readPlace(data) { // a place of another patch's link is no place of this one
  const [zoom, y, x] = data.choice.view.split(",").map(Number);
  const [column, row] = toPixel(data, x, y);
  const inside = column >= 0 && row >= 0 && column <= data.width && row <= data.height;
  return zoom > 1 && inside ? { zoom, column, row } : null;
}

export function usableTexts(asked, data) { // the texts of an address somebody went back to, as far as they can be used
  const usable = { mode: data.modes.map(([mode]) => mode), style: data.styles.map(([style]) => style) }, found = { ...data.choice };
  for (const name of Object.keys(data.choice)) {
    const text = asked.get(name) ?? data.usual[name] ?? "";
    if (!usable[name] || usable[name].includes(text)) found[name] = text;
  }
  if (found.cells.split(",").length !== data.limits.cells) found.cells = data.usual.cells;
  return found;
}

export function addressWith(href, texts, usual) { // what is usual stays out of it
  const url = new URL(href);
  for (const [name, text] of Object.entries(texts)) {
    url.searchParams.delete(name);
    if (text && text !== usual[name]) url.searchParams.append(name, text);
  }
  return url;
}
