import assert from "node:assert/strict";
import { test } from "node:test";

import * as geometry from "../../app/ui/viewer/geometry.js";
import { close, DATA, viewer } from "./patch.js";

const { apart, areaText, between, cellBox, clamped, fromLine, inCell, layout, metresText, panned, placeWords, roomBelow, settlePlace } = geometry;
const { toCell, toGround, toPatch, toPixel, within, zoomed } = geometry;

function settled(v) {
  v.at = settlePlace(v);
  return v;
}

test("the whole patch fits its stage and lies in its middle", () => {
  const v = viewer();
  assert.deepEqual(v.at, { x: 0, y: 0 });
  assert.equal(v.l.pictureW, 800);
  assert.equal(v.l.pictureH, 400);
});

test("a wide patch leaves margins above and below that are alike", () => {
  const v = viewer({ mode: "side" });
  assert.equal(v.l.columns, 2);
  assert.equal(v.at.x, 0);
  close(v.at.y, (v.l.height - v.l.pictureH) / 2);
});

test("two columns share the stage with a seam between them", () => {
  const l = layout(DATA, "grid", 800, 2000);
  assert.equal(2 * l.width + 3, 800);
  close(l.stageH, 2 * l.height + 3);
  close(l.height, l.pictureH);
});

test("a stage is no higher than there is room, but for the full screen no lower either", () => {
  assert.equal(layout(DATA, "swipe", 800, 300).stageH, 300);
  assert.equal(layout(DATA, "swipe", 800, 900).stageH, 400);
  assert.equal(layout(DATA, "swipe", 800, 900, true).stageH, 900);
});

test("pixels that are not square on the ground are not drawn square", () => {
  const l = layout({ ...DATA, ground: [5, 10] }, "swipe", 800, 4000);
  assert.equal(l.pictureW, l.pictureH);
});

test("a pixel grows to 32 CSS pixels and no further", () => {
  const v = viewer();
  zoomed(v, 1e6);
  close(v.l.fit * v.place.zoom * DATA.ground[0], 32);
});

test("a pixel that is not square grows until its longer side is 32", () => {
  const l = layout({ ...DATA, ground: [5, 10] }, "swipe", 800, 400);
  close(l.fit * l.mostZoom * 10, 32);
});

test("a link that is zoomed in further than can be is shown as close as can be", () => {
  const v = viewer({ place: { zoom: 4096, column: 60, row: 30 } });
  assert.equal(v.place.zoom, v.l.mostZoom);
  close([v.place.column, v.place.row], [60, 30]);
});

test("a tiny patch is never shown smaller than whole", () => {
  assert.equal(layout({ ...DATA, width: 4, height: 2 }, "swipe", 800, 400).mostZoom, 1);
});

test("the picture ends with the window where that leaves enough of it", () => {
  assert.equal(roomBelow(250, 900, 1), 900 - 250 - 12);
  assert.equal(roomBelow(500, 900, 1), 900 * 0.55);
  assert.equal(roomBelow(10, 900, 1), 900 * 0.72);
  assert.equal(roomBelow(800, 900, 1), 900 * 0.72);
  assert.equal(roomBelow(100, 300, 2), 300);
});

for (const zoom of [1.5, 3, 7.25]) {
  for (const point of [{ x: 0, y: 0 }, { x: 650, y: 90 }, { x: 401, y: 200 }]) {
    test(`zooming to ${zoom} about ${point.x}, ${point.y} keeps what is there`, () => {
      const v = viewer(), before = toPatch(v, point);
      zoomed(v, zoom, point);
      close(toPatch(settled(v), point), before);
    });
  }
}

test("zooming in and out again about one point comes back to the same place", () => {
  const v = viewer({ place: { zoom: 2, column: 80, row: 60 } }), point = { x: 700, y: 30 };
  zoomed(v, 5, point);
  settled(v);
  zoomed(v, 2, point);
  settled(v);
  close([v.place.zoom, v.place.column, v.place.row], [2, 80, 60]);
});

test("zooming out beyond the whole patch shows the whole patch", () => {
  const v = viewer({ place: { zoom: 2, column: 10, row: 10 } });
  zoomed(v, 0.1);
  settled(v);
  close([v.place.zoom, v.place.column, v.place.row], [1, 100, 50]);
});

test("a picture follows the hand", () => {
  const v = viewer({ place: { zoom: 4, column: 100, row: 50 } }), point = { x: 300, y: 200 }, held = toPatch(v, point);
  panned(v, -40, 25);
  close(toPatch(settled(v), { x: point.x - 40, y: point.y + 25 }), held);
});

for (const [dx, dy, corner] of [[1e6, 1e6, [0, 0]], [-1e6, -1e6, [200, 100]]]) {
  test(`a pan by ${dx} ends at the border of the patch`, () => {
    const v = viewer({ place: { zoom: 4, column: 100, row: 50 } });
    panned(v, dx, dy);
    close(toPatch(settled(v), dx > 0 ? { x: 0, y: 0 } : { x: v.l.width, y: v.l.height }), corner);
  });
}

test("a patch that shows whole cannot be panned away", () => {
  const v = viewer();
  panned(v, 300, -200);
  assert.deepEqual(settled(v).at, { x: 0, y: 0 });
});

test("what is on the screen and what is in the patch are each other's way back", () => {
  const v = viewer({ place: { zoom: 3, column: 70, row: 40 } }), { x, y } = toCell(v, [61.5, 44.25]);
  close(toPatch(v, { x, y }), [61.5, 44.25]);
});

test("a pointer is at the same place of the patch in every cell", () => {
  const v = viewer({ mode: "grid" });
  const seen = [0, 1, 2, 3].map((n) => {
    const { left, top } = cellBox(v, n);
    return toPatch(v, inCell(v, { clientX: 100 + left + 120, clientY: 50 + top + 60 }));
  });
  for (const one of seen) close(one, seen[0]);
});

test("a value that has no room is put into the middle", () => {
  assert.equal(between(7, 0, 5), 5);
  assert.equal(between(-7, 0, 5), 0);
  assert.equal(between(3, 8, 2), 5);
});

test("the last pixel is within the patch and its far border is not", () => {
  assert.ok(within(DATA, [0, 0]));
  assert.ok(within(DATA, [199.99, 99.99]));
  assert.ok(!within(DATA, [200, 50]));
  assert.ok(!within(DATA, [50, 100]));
  assert.ok(!within(DATA, [-0.01, 50]));
});

test("what is drawn beside the patch is drawn on its border, to the hundredth of a pixel", () => {
  assert.deepEqual(clamped(DATA, [-3, 120]), [0, 100]);
  assert.deepEqual(clamped(DATA, [12.3456, 7]), [12.35, 7]);
});

test("coordinates on the ground run east and north and lead back", () => {
  assert.deepEqual(toGround(DATA, 3, 2), [500030, 4999980]);
  assert.deepEqual(toPixel(DATA, ...toGround(DATA, 3.25, 98.5)), [3.25, 98.5]);
});

test("distances on the screen grow with the zoom", () => {
  close(apart(viewer(), [0, 0], [30, 40]), 200);
  close(apart(viewer({ place: { zoom: 3, column: 100, row: 50 } }), [0, 0], [30, 40]), 600);
});

test("a point is as far from a line as from what is nearest on it, ends included", () => {
  const v = viewer();
  close(fromLine(v, [10, 10], [20, 10], [15, 13]), 12);
  close(fromLine(v, [10, 10], [20, 10], [23, 14]), 20);
  close(fromLine(v, [10, 10], [10, 10], [13, 14]), 20);
});

test("a pixel is told by the coordinates of its middle", () => {
  assert.equal(placeWords(viewer(), 2, 3), "500025 E, 4999965 N · column 2, row 3");
  const degrees = { ...DATA, geographic: true, origin: [10, 45], step: [0.0001, 0.0001] };
  assert.equal(placeWords(viewer({ data: degrees }), 0, 0), "44.99995°, 10.00005° · column 0, row 0");
});

test("lengths and areas are told in the unit that reads best", () => {
  assert.equal(metresText(9999), "9,999 m");
  assert.equal(metresText(12345), "12.3 km");
  assert.equal(areaText(999999), "999,999 m²");
  assert.equal(areaText(1234567), "1.23 km²");
});
