// Everything the editor shows, brought up to date.

import { area, countObjects, pixels } from "./bits.js";
import { handles } from "./corners.js";
import { box, toStage } from "./place.js";
import { maskOf, TOOLS } from "./tools.js";
import { edges } from "./trace.js";

const SVG = "http://www.w3.org/2000/svg";
const OWN = [255, 211, 77, 255];

export function draw(v) {
  const mask = maskOf(v);
  if (v.drawnMask !== mask || v.painting) drawMask(v, mask);
  place(v);
  drawHand(v);
  drawBar(v);
}

function drawMask(v, mask) {
  const { width, height } = v.data, canvas = v.$("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d"), image = context.createImageData(width, height);
  mask.forEach((one, n) => { if (one) image.data.set(OWN, n * 4); });
  context.putImageData(image, 0, 0);
  const path = edges(v.data, mask);
  for (const name of [".own", ".halo"]) v.$(name).setAttribute("d", path);
  v.drawnMask = v.painting ? null : mask;
  tellSize(v, mask);
}

export function drawReference(v) {
  v.$(".reference").setAttribute("d", v.reference ? edges(v.data, v.reference) : "");
}

export function drawPreview(v, mask) { v.$(".preview").setAttribute("d", mask ? edges(v.data, mask) : ""); }

function tellSize(v, mask) {
  const marked = pixels(mask), objects = countObjects(v.data, mask), m2 = area(v.data, mask);
  const size = Number.isFinite(m2) ? `, ${Math.round(m2).toLocaleString("en")} m²` : "";
  const words = marked ? `${objects} ${objects === 1 ? "object" : "objects"}, ${marked.toLocaleString("en")} pixels${size}` : "Nothing is marked";
  const goes = v.held.touched ? "Goes along with the next verdict." : "No outline goes along with a verdict yet.";
  v.$(".told").textContent = `${words}. ${goes}`;
}

export function place(v) {
  const at = box(v), { stage, $ } = v;
  stage.style.height = `${v.l.stageH}px`;
  Object.assign($(".world").style, { left: `${at.left}px`, top: `${at.top}px`, width: `${at.width}px`, height: `${at.height}px` });
  $(".lines").setAttribute("viewBox", `0 0 ${v.data.width} ${v.data.height}`);
  stage.classList.toggle("scrolls", v.tool === "move" && v.place.zoom <= 1);
}

export function drawHand(v) {
  const found = [], point = v.cursor ?? v.pointer;
  if (point && (v.tool === "brush" || v.tool === "eraser")) found.push(ring(v, point));
  if (v.cursor) found.push(cross(v));
  if (v.from && v.to) found.push(chain(v, [v.from, v.to]));
  if (v.from && v.cursor) found.push(chain(v, [v.from, v.cursor]));
  if (v.draft) found.push(chain(v, v.pointer ? [...v.draft, v.pointer] : v.draft), ...v.draft.map((one) => knob(v, { point: one })));
  if (v.shape) found.push(...handles(v.shape).filter((one) => !one.middle || roomy(v, one)).map((one) => knob(v, one)));
  v.$(".hand").replaceChildren(...found);
}

function roomy(v, { at, n, point }) { // a dot between two corners that nearly meet would only be in their way
  const [x, y] = v.shape.rings[at][n - 1];
  return Math.hypot(point[0] - x, point[1] - y) * v.pixel() > 12;
}

function made(kind, attributes) {
  const one = document.createElementNS(SVG, kind);
  for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
  return one;
}

function ring(v, point) {
  const [cx, cy] = toStage(v, point), at = box(v);
  return made("ellipse", { cx, cy, rx: v.size / 2 * at.width / v.data.width, ry: v.size / 2 * at.height / v.data.height });
}

function cross(v) {
  const [x, y] = toStage(v, v.cursor);
  return made("path", { d: `M${x - 10} ${y}H${x + 10}M${x} ${y - 10}V${y + 10}` });
}

function chain(v, points) { return made("polyline", { points: points.map((one) => toStage(v, one).join()).join(" ") }); }

function knob(v, { at, n, point, middle }) {
  const [cx, cy] = toStage(v, point), isHeld = !middle && v.corner && v.corner[0] === at && v.corner[1] === n;
  return made("circle", { cx, cy, r: middle ? 4 : v.coarse ? 10 : 6, class: middle ? "middle" : isHeld ? "held" : "" });
}

function drawBar(v) {
  const { $ } = v;
  for (const one of v.all("[data-tool]")) if (one !== v.stage) check(one, one.dataset.tool === v.tool);
  for (const one of v.all("[data-date]")) check(one, Number(one.dataset.date) === v.date);
  v.stage.dataset.tool = v.tool;
  $("[data-do=undo]").disabled = !v.held.past.length && !v.draft;
  $("[data-do=redo]").disabled = !v.held.future.length;
  $("[data-do=discard]").disabled = !v.held.touched;
  $("[data-do=all]").disabled = !v.reference;
  $("[data-do=finish]").hidden = !v.draft;
  $(".size output").textContent = `${v.size} px`;
  $(".size input").value = v.size;
  $(".from").hidden = $("[data-do=all]").hidden = !v.data.starts.length;
  $(".by").hidden = !v.data.scores.length || v.tool !== "snap";
  $(".hint").textContent = TOOLS.find(([tool]) => tool === v.tool)[3];
}

function check(one, is) { one.setAttribute("aria-checked", is); }
