import assert from "node:assert/strict";
import { test } from "node:test";

import { toCell } from "../../app/ui/viewer/geometry.js";
import { cornerMoved, handleNear, handlesOf, withCorner, withoutCorner } from "../../app/ui/viewer/handles.js";
import { corners } from "../../app/ui/viewer/shapes.js";
import { DATA, viewer } from "./patch.js";

const BOX = { kind: "box", points: [[10, 20], [40, 30]] };
const SQUARE = { kind: "polygon", points: [[20, 20], [60, 20], [60, 60], [20, 60]] };

test("a corner of a polygon goes where it is dragged, and no other corner moves", () => {
  assert.deepEqual(cornerMoved(DATA, SQUARE, 1, [70, 10]).points, [[20, 20], [70, 10], [60, 60], [20, 60]]);
  assert.deepEqual(SQUARE.points[1], [60, 20]);
});

test("a corner dragged out of the patch stays on its border", () => {
  assert.deepEqual(cornerMoved(DATA, SQUARE, 2, [500, -5]).points[2], [200, 0]);
});

for (const [corner, to, points] of [
  [0, [5, 6], [[5, 6], [40, 30]]], [1, [50, 6], [[10, 6], [50, 30]]], [2, [50, 35], [[10, 20], [50, 35]]], [3, [5, 35], [[5, 20], [40, 35]]],
]) {
  test(`corner ${corner} of a box takes two sides along and leaves the corner across`, () => {
    const made = cornerMoved(DATA, BOX, corner, to), across = (corner + 2) % 4;
    assert.deepEqual(made.points, points);
    assert.deepEqual(corners(made)[corner], to);
    assert.deepEqual(corners(made)[across], corners(BOX)[across]);
  });
}

for (const start of [[[10, 20], [40, 30]], [[0, 0], [40, 30]], [[150, 70], [200, 100]]]) {
  test(`a box from ${start[0]} keeps half a pixel however its corner is dragged onto the one across`, () => {
    for (let corner = 0; corner < 4; corner++) {
      const box = { kind: "box", points: start }, made = cornerMoved(DATA, box, corner, corners(box)[(corner + 2) % 4]);
      const [[a, b], [c, d]] = made.points;
      assert.ok(Math.abs(a - c) >= 0.5 && Math.abs(b - d) >= 0.5);
      assert.ok([a, c].every((x) => x >= 0 && x <= 200) && [b, d].every((y) => y >= 0 && y <= 100));
    }
  });
}

test("a corner dragged over the one across turns the box about", () => {
  assert.deepEqual(cornerMoved(DATA, BOX, 0, [60, 50]).points, [[60, 50], [40, 30]]);
});

test("a corner is added after its place and taken away again", () => {
  const more = withCorner(SQUARE, 2, [70, 40]);
  assert.deepEqual(more.points, [[20, 20], [60, 20], [70, 40], [60, 60], [20, 60]]);
  assert.deepEqual(withoutCorner(more, 2), SQUARE);
});

test("a long edge of a polygon has a handle in its middle, which adds a corner there", () => {
  const middles = handlesOf(viewer(), SQUARE).filter(({ adds }) => adds);
  assert.deepEqual(middles.map(({ at }) => at), [[40, 20], [60, 40], [40, 60], [20, 40]]);
  assert.deepEqual(middles.map(({ corner }) => corner), [1, 2, 3, 4]);
});

test("short edges and boxes have handles at their corners alone", () => {
  const small = { kind: "polygon", points: [[20, 20], [30, 20], [30, 30]] }; // 40 CSS pixels, and 57 across
  assert.equal(handlesOf(viewer(), small).filter(({ adds }) => adds).length, 1);
  assert.equal(handlesOf(viewer(), BOX).length, 4);
});

test("a polygon of as many corners as one can have takes no more", () => {
  const data = { ...DATA, limits: { ...DATA.limits, corners: 4 } };
  assert.equal(handlesOf(viewer({ data }), SQUARE).filter(({ adds }) => adds).length, 0);
});

function press(v, point, more = {}) {
  const { x, y } = toCell(v, point);
  return handleNear(v, { clientX: 100 + x, clientY: 50 + y, pointerType: "mouse", ...more });
}

test("a mouse takes the corner ten pixels off, a finger the one 22 pixels off", () => {
  const v = viewer({ shapes: [BOX], selected: 0 });
  assert.equal(press(v, [12, 20])?.corner, 0); // 8 CSS pixels
  assert.equal(press(v, [15, 20]), undefined); // 20
  assert.equal(press(v, [15, 20], { pointerType: "touch" })?.corner, 0);
  assert.equal(press(v, [16, 20], { pointerType: "touch" }), undefined); // 24
});

test("the border between two pictures is not lost to a finger that only passes a corner", () => {
  const v = viewer({ shapes: [BOX], selected: 0 });
  assert.equal(press(v, [15, 20], { pointerType: "touch", target: v.divider }), undefined);
});

test("of two corners within reach the nearer one is taken", () => {
  const thin = { kind: "box", points: [[10, 20], [12, 30]] };
  assert.equal(press(viewer({ shapes: [thin], selected: 0 }), [11.4, 20])?.corner, 1);
});

test("no handle is there while nothing is selected, a shape is being drawn or shapes are hidden", () => {
  assert.equal(press(viewer({ shapes: [BOX] }), [10, 20]), undefined);
  const drawing = viewer({ shapes: [BOX], selected: 0 });
  drawing.draft = { kind: "box", points: [[0, 0], [0, 0]] };
  assert.equal(press(drawing, [10, 20]), undefined);
  const hidden = viewer({ shapes: [BOX], selected: 0 });
  hidden.choice.hidden = true;
  assert.equal(press(hidden, [10, 20]), undefined);
  const off = viewer({ shapes: [BOX], selected: 0 });
  off.choice.layers.drawn = 0;
  assert.equal(press(off, [10, 20]), undefined);
});
