// What the browser remembers while the page is open, and what of it the address and the server are told.

import { addressWith, choiceTexts, readChoice, readPlace, usableTexts } from "./address.js";
import { whole } from "./geometry.js";

export const TELL_MS = 500; // the server hears of a gesture only when the hand has been still for so long
const PLACES = new Map(); // patch -> where the reader looks: zoom over the whole picture, centre in pixels
const LOOKED = new Map(); // patch -> where the page wanted the reader to look last
const DRAWN = new Map(); // patch -> its shapes, with what undoing needs
let choice = null; // mode, pictures and layers: one choice for every patch
let asked = null; // what an address says that somebody went back to: it counts, not what was chosen since

window.addEventListener("popstate", () => {
  if (window.location.search) asked = new URLSearchParams(window.location.search);
});

// A patch's data with the texts of that address in the place of its own.
export function withAsked(data) {
  if (!asked || !data.linked) return data;
  const found = usableTexts(asked, data);
  asked = choice = null;
  PLACES.delete(data.key);
  return { ...data, choice: found };
}

export function choiceOf(data) {
  choice ??= readChoice(data);
  return choice;
}

export function placeOf(data) {
  if (!PLACES.has(data.key)) PLACES.set(data.key, readPlace(data) ?? whole(data));
  return PLACES.get(data.key);
}

export function lookedAt(data) { // the page moves the picture once; from then on it is the reader's
  const place = placeOf(data), { id, ...there } = data.look ?? {};
  if (!id || LOOKED.get(data.key) === id) return place;
  LOOKED.set(data.key, id);
  return Object.assign(place, there);
}

export function drawnOf(data) { // the page's own list counts where the page has changed it
  const held = DRAWN.get(data.key);
  if (held && held.revision >= data.drawn.revision) return held;
  DRAWN.set(data.key, { revision: data.drawn.revision, list: data.drawn.shapes, past: [], selected: -1, corner: -1, nudged: "", edit: null, unsent: false });
  return DRAWN.get(data.key);
}

// Write the address now and tell the server once the hand is still: neither runs the page again.
export function remember(v, atOnce = false) {
  const texts = choiceTexts(v);
  writeAddress(v, texts);
  clearTimeout(v.telling);
  const said = JSON.stringify(texts);
  if (said !== v.told) v.telling = setTimeout(() => { v.told = said; v.setState("choice", texts); }, atOnce ? 0 : TELL_MS);
}

export function writeAddress(v, texts = choiceTexts(v)) {
  if (!v.data.linked) return;
  const url = addressWith(window.location.href, texts, v.data.usual);
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
}

export function tellShapes(v, wait) { // to the server; while keys move a corner only once they rest
  const { drawn } = v, tell = () => { drawn.unsent = false; v.setState("shapes", { revision: drawn.revision, shapes: drawn.list }); };
  clearTimeout(v.tellingShapes);
  if (wait) v.tellingShapes = setTimeout(tell, wait);
  else tell();
}
