import assert from "node:assert/strict";
import { test } from "node:test";

import { corners, describe, shapeNear, sizes } from "../../app/ui/viewer/shapes.js";
import { close, DATA, viewer } from "./patch.js";

const BOX = { kind: "box", points: [[10, 20], [40, 30]] };
const TRIANGLE = { kind: "polygon", points: [[0, 0], [30, 0], [0, 40]] };

test("a box has four corners, going round", () => {
  assert.deepEqual(corners(BOX), [[10, 20], [40, 20], [40, 30], [10, 30]]);
});

test("a polygon's and a point's corners are those it was drawn with", () => {
  assert.deepEqual(corners(TRIANGLE), TRIANGLE.points);
  assert.deepEqual(corners({ kind: "point", points: [[1, 2]] }), [[1, 2]]);
});

test("areas and outlines are those on the ground, whichever way round", () => {
  assert.deepEqual(sizes(DATA, corners(BOX)), { area: 300 * 100, around: 2 * (300 + 100) });
  const { area, around } = sizes(DATA, TRIANGLE.points), back = sizes(DATA, [...TRIANGLE.points].reverse());
  assert.equal(area, 300 * 400 / 2);
  assert.equal(around, 300 + 400 + 500);
  close([back.area, back.around], [area, around]);
});

test("pixels that are not square count with both their sides", () => {
  assert.equal(sizes({ ...DATA, ground: [7, 11] }, corners(BOX)).area, 30 * 7 * 10 * 11);
});

test("a shape is described by its number and its size", () => {
  assert.equal(describe(viewer(), BOX, 2), "Box 2: about 30,000 m², 800 m around");
  assert.equal(describe(viewer(), TRIANGLE, 1), "Polygon 1: about 60,000 m², 1,200 m around");
  assert.equal(describe(viewer(), { kind: "point", points: [[1, 2]] }, 3), "Point 3");
});

test("a click near an outline finds its shape, inside it none", () => {
  const v = viewer({ shapes: [BOX] }); // four CSS pixels a pixel of the patch
  assert.equal(shapeNear(v, [25, 21.5]), 0);
  assert.equal(shapeNear(v, [25, 25]), -1);
  assert.equal(shapeNear(v, [25, 17]), -1);
});

test("the last side of a polygon, back to its first corner, counts too", () => {
  assert.equal(shapeNear(viewer({ shapes: [TRIANGLE] }), [0.5, 20]), 0);
});

test("of shapes that lie over each other the one drawn last is found", () => {
  assert.equal(shapeNear(viewer({ shapes: [BOX, BOX, TRIANGLE] }), [40, 25]), 1);
});

test("the reach is one of the screen: closer in, fewer pixels of the patch", () => {
  const close = viewer({ shapes: [BOX], place: { zoom: 8, column: 25, row: 21 } });
  assert.equal(shapeNear(close, [25, 21.5]), -1);
  assert.equal(shapeNear(close, [25, 20.2]), 0);
});
