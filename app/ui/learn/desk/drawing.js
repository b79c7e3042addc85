// Masks as pictures, and the two small figures beside them.

import { STEPS } from "./counting.js";

// those of app/pictures/render.py, apart to every eye: green hit, orange false alarm, magenta miss (also in desk.css)
export const COLOURS = { hit: [0, 158, 115], alarm: [230, 97, 0], miss: [204, 30, 190], marked: [255, 176, 0], unjudged: [210, 210, 225] };
const SVG = "http://www.w3.org/2000/svg";
const HIGH = 122, WIDE = 260, PAD = { left: 36, top: 6, right: 8, bottom: 28 };

export function paint(canvas, size, colourOf) { // what has no colour shows the picture below
  const [width, height] = size, context = canvas.getContext("2d");
  canvas.width = width;
  canvas.height = height;
  const image = context.createImageData(width, height);
  for (let at = 0; at < width * height; at += 1) {
    const colour = colourOf(at);
    if (colour) image.data.set([...colour, colour.length > 3 ? 0 : 255].slice(0, 4), 4 * at);
  }
  context.putImageData(image, 0, 0);
}

export function errorColour(mask, steps, truth) {
  return (at) => {
    if (!steps[at]) return COLOURS.unjudged;
    if (truth[at]) return mask[at] ? COLOURS.hit : COLOURS.miss;
    return mask[at] ? COLOURS.alarm : null;
  };
}

export function local(number, words) { // as the language of the page writes it
  return number.replace(".", words.decimal);
}

function node(kind, attributes, text = "") {
  const made = document.createElementNS(SVG, kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}

function frame(svg, words) {
  svg.setAttribute("viewBox", `0 0 ${WIDE} ${HIGH}`);
  const bottom = HIGH - PAD.bottom, right = WIDE - PAD.right;
  svg.replaceChildren(
    node("path", { d: `M${PAD.left} ${PAD.top}V${bottom}H${right}`, class: "axis" }),
    node("text", { x: (PAD.left + right) / 2, y: HIGH - 3, class: "name" }, words.across),
    node("text", { x: 8, y: (PAD.top + bottom) / 2, class: "name", transform: `rotate(-90 8 ${(PAD.top + bottom) / 2})` }, words.up),
  );
}

const across = (share) => PAD.left + share * (WIDE - PAD.left - PAD.right);
const up = (share) => HIGH - PAD.bottom - share * (HIGH - PAD.top - PAD.bottom);

export function drawCurve(svg, points, now, words) {
  frame(svg, words);
  for (const share of [0, 0.5, 1]) {
    svg.append(
      node("text", { x: across(share), y: HIGH - 16, class: "tick" }, local(String(share), words)),
      node("text", { x: PAD.left - 4, y: up(share) + 3, class: "tick end" }, local(String(share), words)),
    );
  }
  const line = points.map((one, n) => `${n ? "L" : "M"}${across(one.recall).toFixed(1)} ${up(one.precision).toFixed(1)}`).join("");
  svg.append(node("path", { d: line, class: "curve" }));
  if (Number.isFinite(now.precision) && Number.isFinite(now.recall)) {
    svg.append(node("circle", { cx: across(now.recall), cy: up(now.precision), r: 5, class: "dot" }));
  }
}

export function drawHistogram(svg, counts, step, words) {
  frame(svg, words);
  const most = Math.log1p(Math.max(...counts, 1)), wide = (WIDE - PAD.left - PAD.right) / counts.length;
  const bars = counts.map((count, n) => {
    const top = up(Math.log1p(count) / most);
    return `M${(across(0) + n * wide).toFixed(1)} ${up(0)}V${top.toFixed(1)}h${wide.toFixed(1)}V${up(0)}`;
  }).join("");
  const at = across((step - 1) / (STEPS - 1)).toFixed(1);
  for (let count = 1; Math.log1p(count) <= most; count *= 10) { // said, for each is ten times as many as the one below
    svg.append(node("text", { x: PAD.left - 4, y: up(Math.log1p(count) / most) + 3, class: "tick end" }, String(count)));
  }
  svg.append(
    node("path", { d: bars, class: "bars" }),
    node("path", { d: `M${at} ${PAD.top}V${up(0)}`, class: "cut" }),
    node("text", { x: across(0), y: HIGH - 16, class: "tick" }, "0"),
    node("text", { x: across(1), y: HIGH - 16, class: "tick end" }, words.highest),
  );
}
