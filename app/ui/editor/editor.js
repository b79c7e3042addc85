// An outline corrected on the pixels of its patch, in the browser; the server hears what comes of every step.

import { unpack } from "./bits.js";
import { draw, drawPreview, drawReference } from "./drawing.js";
import { heldOf, isOf } from "./history.js";
import { listenToKeys } from "./keys.js";
import { around, box, layout, whole, zoomTo } from "./place.js";
import { listenToStage } from "./pointers.js";
import { mediaUrl } from "./streamlit.js";
import { takeNews } from "./telling.js";
import { chooseTool, discard, fillHoles, finish, takeAll, takeBack, TOOLS } from "./tools.js";

const MOUNTED = new WeakMap(); // the editor that lives in an element through reruns of the page
const PLACES = new Map(); // patch -> where the reader looks
const HIGHEST = 640;
const usual = { tool: "brush", size: 3, date: 1 }; // as chosen last

export default function ({ parentElement: root, data, setStateValue }) {
  let v = MOUNTED.get(root);
  if (!v || !v.stage.isConnected || v.data.key !== data.key) {
    v?.leave();
    v = mount(root, data);
    MOUNTED.set(root, v);
  }
  v.setState = setStateValue;
  update(v, data);
  return v.leave;
}

function mount(root, data) {
  const stop = new AbortController(), $ = (query) => root.querySelector(query), all = (query) => [...root.querySelectorAll(query)];
  const on = (target, kind, act, more) => target.addEventListener(kind, act, { signal: stop.signal, ...more });
  const v = {
    root, data, $, all, on, stage: $(".stage"), ...usual, held: heldOf(data), painting: null, draft: null, from: null, to: null,
    cursor: null, pointer: null, shape: null, corner: null, reference: null, score: null, scores: new Map(), drawnMask: null,
    coarse: window.matchMedia("(pointer: coarse)").matches,
  };
  v.draw = () => { if (v.l) draw(v); };
  v.pixel = () => box(v).width / v.data.width; // CSS pixels a pixel of the patch
  v.loadScore = () => loadScore(v);
  v.preview = (mask) => drawPreview(v, mask);
  const watch = new ResizeObserver(() => { if (v.stage.clientWidth) { measure(v); v.draw(); } });
  v.leave = () => { stop.abort(); watch.disconnect(); MOUNTED.delete(root); };
  build(v);
  listen(v);
  listenToStage(v);
  listenToKeys(v);
  watch.observe(v.stage);
  return v;
}

function measure(v) { v.l = layout(v.data, v.stage.clientWidth, Math.min(HIGHEST, window.innerHeight * 0.6)); }

function update(v, data) {
  v.data = data;
  v.drawnMask = null;
  if (takeNews(v)) Object.assign(v, { shape: null, corner: null, painting: null });
  if (!PLACES.has(data.key)) PLACES.set(data.key, whole(data));
  v.place = PLACES.get(data.key);
  fill(v.$(".from select"), data.starts);
  fill(v.$(".by select"), data.scores);
  takeReference(v);
  v.$(".stamp").hidden = !data.simulated;
  showDate(v, v.date);
  if (v.tool === "snap" && !v.score) loadScore(v); // drawn anew while the tool was chosen
  if (v.stage.clientWidth) measure(v);
  v.draw();
}

function fill(select, items) {
  const before = select.value, same = items.map((one) => one.id).join() === [...select.options].map((one) => one.value).join();
  if (same) return;
  select.replaceChildren(...items.map((one) => new Option(one.title, one.id)));
  if (items.some((one) => one.id === before)) select.value = before;
}

function takeReference(v) {
  const found = v.data.starts.find((one) => one.id === v.$(".from select").value);
  v.reference = found ? unpack(found.bits, v.held.mask.length) : null;
  drawReference(v);
  const place = v.place;
  if (place && !v.looked && (v.data.look ?? "") && v.reference) Object.assign(place, around(v.data, v.reference));
  v.looked = true;
}

async function loadScore(v) {
  const found = v.data.scores.find((one) => one.id === v.$(".by select").value);
  v.score = null;
  if (!found) return;
  if (!v.scores.has(found.src)) v.scores.set(found.src, fetch(mediaUrl(found.src)).then((one) => one.arrayBuffer()));
  try {
    const numbers = new Float32Array(await v.scores.get(found.src));
    if (numbers.length === v.held.mask.length) v.score = numbers;
  } catch {
    v.scores.delete(found.src);
    v.$(".readout").textContent = "The score could not be fetched; choose Snap again.";
  }
}

function showDate(v, date) {
  v.date = usual.date = date;
  const one = v.data.pictures[date], image = v.$(".picture"), src = mediaUrl(one.src);
  if (image.getAttribute("src") !== src) image.src = src;
  image.alt = one.label;
  v.$(".tag").textContent = one.label;
  v.draw();
}

function radio(title, facts, name, value) {
  const one = Object.assign(document.createElement("button"), { type: "button", textContent: title, title: facts });
  one.setAttribute("role", "radio");
  one.dataset[name] = value;
  return one;
}

function build(v) {
  v.$(".tools").replaceChildren(...TOOLS.map(([tool, title, key, what]) => radio(title, `${what} (${key.toUpperCase()})`, "tool", tool)));
  v.$(".dates").replaceChildren(...["T1", "T2"].map((title, n) => radio(title, `${title} (T swaps)`, "date", n)));
}

function listen(v) {
  const { $, on } = v;
  on($(".tools"), "click", (e) => { const tool = e.target.dataset.tool; if (tool) { usual.tool = tool; chooseTool(v, tool); } });
  on($(".dates"), "click", (e) => e.target.dataset.date && showDate(v, Number(e.target.dataset.date)));
  v.swap = () => showDate(v, 1 - v.date);
  v.resize = (size) => { v.size = usual.size = Math.min(25, Math.max(1, size)); v.draw(); };
  v.zoomKey = (way) => {
    if (way === "fit") Object.assign(v.place, whole(v.data));
    else zoomTo(v, v.place.zoom * (way === "in" ? 1.5 : 1 / 1.5));
    v.draw();
  };
  on($(".size input"), "input", (e) => v.resize(Number(e.target.value)));
  on($(".from select"), "change", () => { takeReference(v); v.draw(); });
  on($(".by select"), "change", () => loadScore(v));
  const acts = { undo: () => takeBack(v, false), redo: () => takeBack(v, true), holes: () => fillHoles(v), discard: () => discard(v), all: () => takeAll(v), finish: () => finish(v) };
  for (const one of v.all("[data-do]")) on(one, "click", () => (acts[one.dataset.do] ?? (() => v.zoomKey(one.dataset.do)))());
  on(window, "storage", (e) => { if (isOf(v.data.key, e) && takeNews(v)) { v.shape = null; v.draw(); } });
}
