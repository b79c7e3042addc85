// Handles of the selected shape: where they are, which is within reach, and what becomes of the shape at one.

import { apart, clamped, inCell, toPatch } from "./geometry.js";
import { opacityOf, SHAPES_LAYER } from "./layers.js";
import { corners } from "./shapes.js";

const HANDLE_PX = 10, TOUCH_PX = 22; // how far from a corner a pointer may be: a finger's target is 44 pixels wide
const MIDDLE_PX = 44; // an edge so long has a handle in its middle, which adds a corner
const THINNEST = 0.5; // pixels of the patch a box is wide and high, at least

export function handlesOf(v, shape) {
  const ring = corners(shape), found = ring.map((at, corner) => ({ at, corner, adds: false }));
  if (shape.kind !== "polygon" || ring.length >= v.data.limits.corners || v.drawn.edit) return found;
  ring.forEach((at, n) => {
    const next = ring[(n + 1) % ring.length];
    if (apart(v, at, next) >= MIDDLE_PX) found.push({ at: halfway(at, next), corner: n + 1, adds: true });
  });
  return found;
}

export function handleNear(v, event) { // the nearest one within reach, or undefined
  const shape = v.drawn.list[v.drawn.selected];
  if (!shape || v.draft || v.choice.hidden || !opacityOf(v, SHAPES_LAYER)) return undefined;
  const point = toPatch(v, inCell(v, event)), finger = event.pointerType === "touch" && event.target !== v.divider;
  const near = handlesOf(v, shape).map((handle) => ({ ...handle, far: apart(v, handle.at, point) }));
  return near.filter(({ far }) => far <= (finger ? TOUCH_PX : HANDLE_PX)).sort((a, b) => a.far - b.far)[0];
}

export function cornerMoved(data, shape, corner, to) {
  const [column, row] = clamped(data, to);
  if (shape.kind !== "box") return { ...shape, points: shape.points.map((point, n) => (n === corner ? [column, row] : point)) };
  const [[left, top], [right, bottom]] = shape.points, first = corner === 0 || corner === 3, upper = corner < 2;
  const x = notThin(column, first ? right : left, data.width), y = notThin(row, upper ? bottom : top, data.height);
  return { ...shape, points: [[first ? x : left, upper ? y : top], [first ? right : x, upper ? bottom : y]] };
}

function notThin(value, other, most) {
  if (Math.abs(value - other) >= THINNEST) return value;
  const back = value < other ? other >= THINNEST : other > most - THINNEST;
  return back ? other - THINNEST : other + THINNEST;
}

export function withCorner(shape, corner, at) {
  return { ...shape, points: [...shape.points.slice(0, corner), at, ...shape.points.slice(corner)] };
}

export function withoutCorner(shape, corner) { return { ...shape, points: shape.points.filter((_, n) => n !== corner) }; }

export function halfway(a, b) { return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2].map((n) => Math.round(n * 100) / 100); }
