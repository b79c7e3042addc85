// The corners of one object: taken up, moved, added, taken away. Its pixels follow.

import { join, objectAt, remove } from "./bits.js";
import { change } from "./history.js";
import { tell } from "./telling.js";
import { filled, rings, simplified } from "./trace.js";

const REACH_PX = 12;

export function letGo(v) { Object.assign(v, { shape: null, corner: null, painting: null }); }

export function pickRing(v, point) {
  const [column, row] = point.map(Math.floor), at = row * v.data.width + column;
  letGo(v);
  if (column >= 0 && row >= 0 && column < v.data.width && row < v.data.height && v.held.mask[at]) {
    const object = objectAt(v.data, v.held.mask, at);
    v.shape = { rest: remove(v.held.mask.slice(), object), rings: rings(v.data, object).map(simplified) };
  }
  v.draw();
}

export function handles(shape) { // every corner, and between two of them where a new one would be
  return shape.rings.flatMap((ring, at) => ring.flatMap((point, n) => {
    const next = ring[(n + 1) % ring.length];
    return [{ at, n, point }, { at, n: n + 1, point: [(point[0] + next[0]) / 2, (point[1] + next[1]) / 2], middle: true }];
  }));
}

export function pressCorner(v, point, reach = REACH_PX) { // returns whether a corner is held now
  const far = (one) => Math.hypot(one.point[0] - point[0], one.point[1] - point[1]) * v.pixel();
  const near = v.shape ? handles(v.shape).filter((one) => far(one) <= reach).sort((a, b) => far(a) + (a.middle ? 4 : 0) - far(b) - (b.middle ? 4 : 0))[0] : null;
  if (!near) { pickRing(v, point); return false; }
  if (near.middle) v.shape.rings[near.at].splice(near.n, 0, near.point);
  v.corner = [near.at, near.n];
  v.draw();
  return true;
}

export function moveCorner(v, point) {
  const [at, n] = v.corner, { width, height } = v.data;
  v.shape.rings[at][n] = [Math.min(width, Math.max(0, point[0])), Math.min(height, Math.max(0, point[1]))];
  v.painting = join(v.shape.rest.slice(), filled(v.data, v.shape.rings));
  v.draw();
}

export function dropCorner(v) {
  const mask = v.painting;
  v.painting = null;
  if (mask && change(v.held, mask)) tell(v);
  v.draw();
}

export function cornerHeld(v) { const [at, n] = v.corner ?? []; return v.shape && v.corner ? v.shape.rings[at][n] : null; }

export function nextCorner(v) {
  if (!v.shape) return;
  const every = handles(v.shape).filter((one) => !one.middle);
  const now = every.findIndex((one) => v.corner && one.at === v.corner[0] && one.n === v.corner[1]);
  const then = every[(now + 1) % every.length];
  v.corner = [then.at, then.n];
  v.draw();
}

export function addCorner(v) {
  if (!cornerHeld(v)) return;
  const [at, n] = v.corner, ring = v.shape.rings[at], next = ring[(n + 1) % ring.length];
  ring.splice(n + 1, 0, [(ring[n][0] + next[0]) / 2, (ring[n][1] + next[1]) / 2]);
  v.corner = [at, n + 1];
  v.draw();
}

export function deleteCorner(v) { // of a ring of three, the ring
  if (!cornerHeld(v)) return;
  const [at, n] = v.corner, ring = v.shape.rings[at];
  if (ring.length > 3) ring.splice(n, 1);
  else v.shape.rings.splice(at, 1);
  v.corner = null;
  v.painting = join(v.shape.rest.slice(), filled(v.data, v.shape.rings));
  dropCorner(v);
}
