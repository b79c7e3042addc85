// The desk: pictures, mask, errors and figures that follow the threshold in the browser, without asking the server.

import { bytes, confusion, curve, cutOf, histogram, marked, rates, stepOf, STEPS } from "./counting.js";
import { COLOURS, drawCurve, drawHistogram, errorColour, local, paint } from "./drawing.js";
import { drawn, forgetDrawing, listenToDrawing, showDrawing } from "./outlining.js";

const BINS = 64;
const MOUNTED = new WeakMap();
let left = null; // the desk that was taken away last: a sentence that appears above one makes another of it

export default function ({ parentElement: root, data, setTriggerValue }) {
  let d = MOUNTED.get(root);
  if (!d || !d.box.isConnected) {
    d?.leave();
    d = mount(root);
    MOUNTED.set(root, d);
  }
  d.trigger = setTriggerValue;
  update(d, data);
  return d.leave;
}

function mount(root) {
  const stop = new AbortController(), $ = (query) => root.querySelector(query);
  const d = { root, $, box: $(".desk"), slider: $("input[type=range]"), number: $(".cut output"), asked: {}, outline: [] };
  d.on = (target, kind, act) => target.addEventListener(kind, act, { signal: stop.signal });
  d.leave = () => {
    stop.abort();
    left = d;
    MOUNTED.delete(root);
  };
  d.on(d.slider, "input", () => move(d));
  d.on(d.slider, "change", () => writeAddress(d));
  d.on($(".cutting"), "click", () => send(d, {}));
  d.on($(".hand button"), "click", () => send(d, drawn(d)));
  listenToDrawing(d, answer);
  return d;
}

function resume(d, data) { // what a hand did on the desk before this one, of the same scene
  const { step, moved, outline, cross } = left;
  Object.assign(d, { outline, cross, ...(left.data.cut === data.cut && left.data.highest === data.highest ? { step, moved } : {}) });
}

function update(d, data) {
  const before = d.data;
  d.data = data;
  if (before?.key !== data.key) {
    Object.assign(d, { steps: bytes(data.steps), truth: data.truth ? bytes(data.truth) : null, size: [data.width, data.height] });
    d.curve = d.truth ? curve(d.steps, d.truth, data.width, data.smallest) : [];
    d.bins = histogram(d.steps, BINS);
  }
  if (before?.shown !== data.shown) forgetDrawing(d);
  if (before?.cut !== data.cut || before?.highest !== data.highest || before?.shown !== data.shown) d.step = stepOf(data.cut, data.highest);
  if (!before && left?.data.shown === data.shown) resume(d, data);
  d.slider.max = STEPS;
  d.slider.value = d.step;
  tellWords(d);
  setPicture(d, ".before", data.before);
  setPicture(d, ".after", data.after);
  for (const name of [".over", ".wrong"]) setPicture(d, name, data.after);
  redraw(d);
  showDrawing(d);
}

function tellWords(d) {
  const { words } = d.data;
  for (const place of d.root.querySelectorAll("[data-word]")) place.textContent = words[place.dataset.word] ?? "";
  d.box.lang = words.language;
  d.slider.setAttribute("aria-label", words.threshold);
  d.$("svg.spread").setAttribute("aria-label", words.spread_title);
  d.$("svg.pr").setAttribute("aria-label", words.pr_title);
  d.box.classList.toggle("known", Boolean(d.truth));
  d.box.classList.toggle("fixed", !d.data.movable);
  d.box.classList.toggle("plain", !d.data.detects);
  d.box.classList.toggle("simulated", d.data.simulated);
  const placed = ["click", "draw"].includes(d.data.ask);
  d.$(".cutting").hidden = d.data.ask !== "cut";
  d.$(".asked").hidden = !placed;
  d.$(".hand").hidden = !(placed && d.data.handed);
  d.$(".asked").textContent = [words[d.data.ask] ?? "", d.data.handed ? words.anew : ""].join(" ").trim();
  for (const stage of d.root.querySelectorAll(".stage")) {
    stage.setAttribute("aria-label", stage.parentElement.querySelector("[data-word]:not(.stamp)").textContent);
  }
}

function setPicture(d, name, src) {
  const image = d.$(`${name} img`);
  if (image.getAttribute("src") !== src) image.setAttribute("src", src);
}

function move(d) {
  d.step = Number(d.slider.value);
  d.moved = true;
  redraw(d);
}

function redraw(d) {
  const { data, steps, truth, step } = d, mask = marked(steps, step, data.width, data.smallest);
  const cut = cutOf(step, data.highest), said = local(cut.toFixed(data.digits), data.words);
  d.number.textContent = `${said} ${data.words.unit}`;
  d.slider.setAttribute("aria-valuetext", d.number.textContent);
  paint(d.$(".over canvas"), d.size, (at) => (!steps[at] ? COLOURS.unjudged : mask[at] ? COLOURS.marked : null));
  d.$(".area").textContent = `${local((mask.reduce((sum, one) => sum + one, 0) / 100).toFixed(2), data.words)} ha`;
  drawHistogram(d.$("svg.spread"), d.bins, step, { ...data.words.spread, highest: local(String(data.highest), data.words) });
  if (!truth) return;
  const counts = confusion(mask, steps, truth), now = rates(counts);
  paint(d.$(".wrong canvas"), d.size, errorColour(mask, steps, truth));
  for (const [name, value] of Object.entries(counts)) d.$(`.${name}`).textContent = value.toLocaleString(data.words.language);
  for (const [name, value] of Object.entries(now)) d.$(`.${name}`).textContent = Number.isFinite(value) ? local(value.toFixed(name === "accuracy" ? 3 : 2), data.words) : "–";
  drawCurve(d.$("svg.pr"), d.curve, now, data.words.pr);
}

function answer(d, more) { // at once, or where it is handed in, only once that button is pressed: a finger slips
  if (!d.data.handed) send(d, more);
}

function send(d, more) {
  writeAddress(d);
  d.trigger("answer", { about: d.data.shown, cut: cutOf(d.step, d.data.highest), ...more });
}

function writeAddress(d) { // a link has the threshold; the server reads it there when it next has something to do
  if (!d.moved || !d.data.movable) return;
  const url = new URL(window.location.href);
  url.searchParams.set("cut", cutOf(d.step, d.data.highest).toPrecision(4));
  window.history.replaceState(window.history.state, "", url);
}
