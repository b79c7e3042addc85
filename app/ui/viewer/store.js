// What the browser remembers while the page is open, and what of it stands in the address.
// Texts are those of address.py: one form for the link, for the server and for this file.

const MODES = [["side", "Side by side"], ["swipe", "Swipe"], ["blink", "Blink"], ["opacity", "Opacity"], ["grid", "Grid"]];
const STYLES = [["fill", "Filled"], ["hatch", "Hatched"], ["edge", "Outlined"]];
const TELL_MS = 500; // the server hears of a gesture only when the hand has been still for so long
const PLACES = new Map(); // patch -> where the reader looks: zoom over the whole picture, centre in pixels
const DRAWN = new Map(); // patch -> its shapes, with what undoing needs
const MOUNTED = new WeakMap(); // the viewer that lives in an element through reruns of the page
const TOLD = { touch: false };
let CHOICE = null; // mode, pictures and layers: one choice for every patch

let ASKED = null; // what an address says that somebody went back to: it counts, not what was chosen since

window.addEventListener("popstate", () => {
  if (window.location.search) ASKED = new URLSearchParams(window.location.search);
});

function asked(data) { // the texts of that address, as far as they can be used
  const usable = { mode: MODES.map(([mode]) => mode), style: STYLES.map(([style]) => style) }, found = { ...data.choice };
  for (const name of Object.keys(data.choice)) {
    const text = ASKED.get(name) ?? data.usual[name] ?? "";
    if (!usable[name] || usable[name].includes(text)) found[name] = text;
  }
  if (found.cells.split(",").length !== 4) found.cells = data.usual.cells;
  ASKED = CHOICE = null;
  PLACES.delete(data.key);
  return found;
}

function readChoice({ choice: texts, usual, paces }) {
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

function choiceTexts(v) {
  const { mode, left, right, cells, style, layers, swipe, blend, pace } = v.choice;
  const usual = Object.fromEntries(switchable(v).map((layer) => [layer.id, layer.on ? layer.opacity : 0]));
  const changed = Object.entries(layers).filter(([id, opacity]) => usual[id] !== opacity);
  return {
    mode, left, right, cells: cells.join(","), style, layers: changed.map((pair) => pair.join(":")).join(","), view: placeText(v),
    swipe: String(Math.round(swipe * 100)), blend: String(Math.round(blend * 100)), pace: String(Number(pace.toFixed(1))),
  };
}

function placeText(v) {
  const { zoom, column, row } = v.place;
  if (zoom <= 1) return "";
  const [x, y] = toGround(v.data, column, row);
  return [zoom.toFixed(2), y.toFixed(6), x.toFixed(6)].map(Number).join(",");
}

function placeOf(data) {
  if (!PLACES.has(data.key)) PLACES.set(data.key, readPlace(data) ?? whole(data));
  return PLACES.get(data.key);
}

function whole(data) { return { zoom: 1, column: data.width / 2, row: data.height / 2 }; }

function readPlace(data) { // a place of another patch's link is no place of this one
  const [zoom, y, x] = data.choice.view.split(",").map(Number);
  const [column, row] = toPixel(data, x, y);
  const inside = column >= 0 && row >= 0 && column <= data.width && row <= data.height;
  return zoom > 1 && inside ? { zoom, column, row } : null;
}

function toGround(data, column, row) {
  return [data.origin[0] + column * data.step[0], data.origin[1] - row * data.step[1]];
}

function toPixel(data, x, y) {
  return [(x - data.origin[0]) / data.step[0], (data.origin[1] - y) / data.step[1]];
}

// Write the address now and tell the server once the hand is still: neither runs the page again.
function remember(v, atOnce = false) {
  const texts = choiceTexts(v);
  writeAddress(v, texts);
  clearTimeout(v.telling);
  const said = JSON.stringify(texts);
  if (said !== v.told) v.telling = setTimeout(() => { v.told = said; v.setState("choice", texts); }, atOnce ? 0 : TELL_MS);
}

function writeAddress(v, texts) {
  if (!v.data.linked) return;
  const url = new URL(window.location.href);
  for (const [name, text] of Object.entries(texts)) {
    url.searchParams.delete(name);
    if (text && text !== v.data.usual[name]) url.searchParams.append(name, text);
  }
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
}
