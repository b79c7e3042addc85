import assert from "node:assert/strict";
import { test } from "node:test";

import { drawHint, tellTouch } from "../../app/ui/viewer/hints.js";
import { viewer } from "./patch.js";

function drawing(tool, corners = 0) {
  const v = viewer(), parts = { ".finish": {}, ".hint": {} };
  v.$ = (query) => parts[query];
  v.tool = tool;
  if (corners) v.draft = { kind: "polygon", points: Array.from({ length: corners }, (_, n) => [n, n * n]) };
  drawHint(v);
  return { v, finish: parts[".finish"], hint: parts[".hint"] };
}

test("a polygon can be finished from its third corner on", () => {
  assert.deepEqual([0, 1, 2, 3, 4].map((corners) => drawing("polygon", corners).finish.hidden), [true, true, true, false, false]);
});

test("a box that is being dragged has nothing to finish", () => {
  const { v, finish } = drawing("box");
  v.draft = { kind: "box", points: [[0, 0], [1, 1], [2, 2]] };
  drawHint(v);
  assert.equal(finish.hidden, true);
});

test("each tool says what it does and how it ends, the pointer says nothing", () => {
  assert.match(drawing("polygon").hint.textContent, /Finish or Enter twice, to close\.$/);
  assert.match(drawing("box").hint.textContent, /corner to corner\.$/);
  assert.equal(drawing("move").hint.textContent, "");
});

test("what fingers do is told once while the page is open, for a while", (context) => {
  const later = context.mock.method(globalThis, "setTimeout", () => 0);
  const first = drawing("move"), second = drawing("move");
  tellTouch(first.v);
  tellTouch(second.v);
  assert.match(first.hint.textContent, /One finger scrolls/);
  assert.equal(second.hint.textContent, "");
  assert.equal(later.mock.calls.length, 1);
  later.mock.calls[0].arguments[0]();
  assert.equal(first.hint.textContent, "");
});
