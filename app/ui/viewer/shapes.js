// Points, boxes and polygons in columns and rows of the patch: their corners, sizes, and which is under the hand.

import { apart, areaText, fromLine, metresText } from "./geometry.js";

export const NEAR_PX = 7; // how far from an outline a click may be

export function corners(shape) {
  if (shape.kind !== "box") return shape.points;
  const [[a, b], [c, d]] = shape.points;
  return [[a, b], [c, b], [c, d], [a, d]];
}

export function shapeNear(v, point) { // the uppermost shape whose outline is under the hand, or -1
  const near = (shape) => {
    const ring = corners(shape);
    if (shape.kind === "point") return apart(v, ring[0], point) <= NEAR_PX + 2;
    return ring.some((a, n) => fromLine(v, a, ring[(n + 1) % ring.length], point) <= NEAR_PX);
  };
  return v.drawn.list.findLastIndex(near);
}

export function describe(v, shape, number) {
  if (shape.kind === "point") return `Point ${number}`;
  const { area, around } = sizes(v.data, corners(shape));
  return `${shape.kind === "box" ? "Box" : "Polygon"} ${number}: about ${areaText(area)}, ${metresText(around)} around`;
}

export function sizes(data, ring) { // square metres and metres, on the ground
  const metres = ring.map(([column, row]) => [column * data.ground[0], row * data.ground[1]]);
  let area = 0, around = 0;
  metres.forEach(([x, y], n) => {
    const [nextX, nextY] = metres[(n + 1) % metres.length];
    area += (x * nextY - nextX * y) / 2;
    around += Math.hypot(nextX - x, nextY - y);
  });
  return { area: Math.abs(area), around };
}
