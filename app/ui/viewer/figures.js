// What is drawn of the reader's shapes, in every cell: outlines, numbers with areas, and handles.

import { svg } from "./elements.js";
import { areaText } from "./geometry.js";
import { handlesOf } from "./handles.js";
import { drawHint } from "./hints.js";
import { corners, sizes } from "./shapes.js";

export function drawShapes(v) {
  const { list, selected, edit } = v.drawn;
  for (const cell of v.cells) {
    cell.drawn.setAttribute("viewBox", `0 0 ${v.data.width * v.data.ground[0]} ${v.data.height * v.data.ground[1]}`);
    cell.drawn.replaceChildren(...list.flatMap((shape, n) => figure(v, edit && n === selected ? edit.shape : shape, n)));
    if (v.draft) cell.drawn.append(outline(v, v.draft, "draft"), ...v.draft.points.map((point) => dot(v, point, "knob")));
  }
  drawHint(v);
}

function figure(v, shape, n) {
  const kind = n === v.drawn.selected ? "shape selected" : "shape", ring = corners(shape);
  const body = shape.kind === "point" ? [dot(v, ring[0], kind)] : [outline(v, shape, "halo"), outline(v, shape, kind)];
  const [x, y] = ring.reduce((best, one) => (one[1] < best[1] ? one : best));
  const words = svg("text", { x: x * v.data.ground[0], y: y * v.data.ground[1], class: kind });
  words.textContent = shape.kind === "point" ? n + 1 : `${n + 1} · ${areaText(sizes(v.data, ring).area)}`;
  return [...body, words, ...(n === v.drawn.selected && !v.draft ? handlesOf(v, shape).map((one) => knob(v, one)) : [])];
}

export function outline(v, shape, kind) {
  const steps = corners(shape).map(([column, row]) => `${column * v.data.ground[0]},${row * v.data.ground[1]}`);
  const open = shape === v.draft && shape.kind === "polygon";
  return svg(open ? "polyline" : "polygon", { points: steps.join(" "), class: kind });
}

function dot(v, [column, row], kind) {
  return svg("circle", { cx: column * v.data.ground[0], cy: row * v.data.ground[1], class: kind });
}

function knob(v, { at, corner, adds }) {
  const held = v.drawn.edit?.corner ?? v.drawn.corner;
  return dot(v, at, adds ? "handle middle" : corner === held ? "handle held" : "handle");
}
