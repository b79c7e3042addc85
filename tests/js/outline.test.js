import assert from "node:assert/strict";
import { test } from "node:test";

import { area, belowIn, countObjects, join, levelAt, line, objectAt, pack, pixels, remove, stroke, unpack, withoutHoles } from "../../app/ui/editor/bits.js";
import { addCorner, deleteCorner, handles, moveCorner, pickRing } from "../../app/ui/editor/corners.js";
import { blank, change, isOf, redo, store, stored, takeUp, undo } from "../../app/ui/editor/history.js";
import { around, box, layout, pan, toPatch, toStage, whole, zoomTo } from "../../app/ui/editor/place.js";
import { filled, rings, simplified } from "../../app/ui/editor/trace.js";

const GRID = { width: 8, height: 6, areas: [100, 100, 100, 100, 100, 90] };

function drawn(...rows) { return Uint8Array.from(rows.join(""), (one) => (one === "#" ? 1 : 0)); }

const RING = drawn("........", ".####...", ".#..#...", ".####...", "......##", "......##");

test("a mask goes through its packed text, eight pixels a byte, the first one highest", () => {
  const odd = Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 1, 1]);
  assert.equal(atob(pack(odd)), "\x81\x80");
  assert.deepEqual(unpack(pack(odd), 9), odd);
  assert.equal(unpack(pack(odd), 40), null);
});

test("a brush of one pixel marks the pixel under it, one of three its neighbours by the side", () => {
  const one = new Uint8Array(48), three = new Uint8Array(48);
  stroke(GRID, one, [2.9, 2.1], [2.9, 2.1], 1, 1);
  stroke(GRID, three, [2.5, 2.5], [2.5, 2.5], 3, 1);
  assert.deepEqual([one.indexOf(1), pixels(one)], [18, 1]);
  assert.equal(pixels(three), 9);
});

test("a stroke has no gaps however fast the hand, and ends at the edge of the patch", () => {
  const mask = new Uint8Array(48);
  stroke(GRID, mask, [-3, 1.5], [11, 1.5], 1, 1);
  assert.deepEqual([...mask.subarray(8, 16)], [1, 1, 1, 1, 1, 1, 1, 1]);
  assert.equal(pixels(mask), 8);
  stroke(GRID, mask, [0.5, 1.5], [3.5, 1.5], 1, 0);
  assert.equal(pixels(mask), 4);
});

test("a slanting cut parts an object although pixels that meet at a corner are one", () => {
  const mask = new Uint8Array(48).fill(1);
  line(GRID, mask, [0.5, 0.5], [7.5, 5.5], 0);
  assert.equal(countObjects(GRID, mask), 2);
});

test("objects are pixels that touch, corners too", () => {
  assert.equal(countObjects(GRID, RING), 2);
  assert.equal(pixels(objectAt(GRID, RING, 9)), 10);
  assert.equal(countObjects(GRID, drawn("#.......", ".#......", "........", "........", "........", ".......#")), 2);
});

test("holes are filled, and a bay that is open to the edge is none", () => {
  assert.equal(pixels(withoutHoles(GRID, RING)), pixels(RING) + 2);
  const bay = drawn("##.#....", "#..#....", "####....", "........", "........", "........");
  assert.deepEqual(withoutHoles(GRID, bay), bay);
});

test("areas are those of each row's pixels, and not known on a plane without a place", () => {
  assert.equal(area(GRID, RING), 10 * 100 + 2 * 100 + 2 * 90);
  assert.ok(Number.isNaN(area({ ...GRID, areas: null }, RING)));
});

test("snapping takes what is joined and scores no less; a pixel without a score joins nothing", () => {
  const score = Float32Array.from({ length: 48 }, (_, n) => (n % 8 < 3 ? 0.5 : n % 8 === 3 ? Number.NaN : 0.9));
  score[0] = 0.7;
  assert.equal(pixels(levelAt(GRID, score, 8)), 18);
  assert.equal(pixels(levelAt(GRID, score, 0)), 1);
  assert.equal(pixels(levelAt(GRID, score, 3)), 0);
  const mask = new Uint8Array(48).fill(1);
  assert.equal(pixels(remove(mask.slice(), belowIn(GRID, mask, score, 4))), 24);
});

test("rings run around objects and their holes, and give the same pixels back", () => {
  assert.equal(rings(GRID, RING).length, 3);
  assert.deepEqual(filled(GRID, rings(GRID, RING)), RING);
  const corner = drawn("#.......", ".#......", "........", "........", "........", "........");
  assert.deepEqual(rings(GRID, corner).map((ring) => ring.length), [4, 4]);
  assert.deepEqual(filled(GRID, rings(GRID, corner)), corner);
});

test("a slope of steps becomes one side, a square keeps its four corners", () => {
  const wide = { width: 40, height: 40 }, slope = Uint8Array.from({ length: 1600 }, (_, n) => (n % 40 <= Math.floor(n / 40) ? 1 : 0));
  assert.ok(simplified(rings(wide, slope)[0]).length <= 5);
  assert.deepEqual(simplified([[1, 1], [4, 1], [4, 4], [1, 4]]), [[1, 1], [4, 1], [4, 4], [1, 4]]);
});

test("steps are undone and redone, a new step ends what could be redone, and none is no step", () => {
  const held = blank(4), one = Uint8Array.of(1, 0, 0, 0), two = Uint8Array.of(1, 1, 0, 0);
  assert.ok(change(held, one) && change(held, two) && !change(held, two.slice()));
  assert.ok(undo(held));
  assert.deepEqual([held.mask, held.touched], [one, true]);
  assert.ok(redo(held) && !redo(held));
  assert.ok(undo(held) && undo(held) && !undo(held));
  assert.equal(held.touched, false);
  change(held, two);
  assert.equal(redo(held), false);
});

test("what another tab painted later is taken up as a step that can be undone; what is older is not", () => {
  const held = blank(4), read = (bits) => unpack(bits, 4);
  change(held, Uint8Array.of(1, 0, 0, 0));
  held.revision = 3;
  assert.equal(takeUp(held, { revision: 3, bits: pack(Uint8Array.of(0, 0, 0, 1)) }, read), false);
  assert.ok(takeUp(held, { revision: 4, bits: pack(Uint8Array.of(0, 0, 0, 1)) }, read));
  assert.deepEqual([...held.mask, held.revision], [0, 0, 0, 1, 4]);
  assert.ok(takeUp(held, { revision: 5, bits: "" }, read) && !held.touched);
  undo(held);
  assert.deepEqual([...held.mask], [0, 0, 0, 1]);
});

test("the browser's own store keeps a step, forgets it, and may hold anything or refuse", () => {
  const items = new Map(), where = { getItem: (name) => items.get(name) ?? null, setItem: (name, text) => items.set(name, text), removeItem: (name) => items.delete(name) };
  store("p", { revision: 2, bits: "gA==" }, where);
  assert.deepEqual(stored("p", where), { revision: 2, bits: "gA==" });
  assert.ok(isOf("p", { key: [...items.keys()][0] }) && !isOf("q", { key: [...items.keys()][0] }));
  store("p", null, where);
  assert.equal(stored("p", where), null);
  items.set("scarp.outline.p", "{]");
  assert.equal(stored("p", where), null);
  store("p", { revision: 1, bits: "" }, { setItem() { throw new Error("full"); } });
});

function editor(mask) {
  const data = { ...GRID, key: "p", ground: [10, 10], held: { revision: 0, bits: "" } };
  const v = { data, held: blank(48), place: whole(data), l: layout(data, 800, 600), shape: null, corner: null, painting: null, draw() {}, setState: () => {} };
  v.held.mask = mask;
  v.pixel = () => box(v).width / v.data.width;
  return v;
}

test("the middle of the picture lies in the middle of the stage, and a place goes there and back", () => {
  const v = editor(RING);
  assert.deepEqual(toStage(v, [4, 3]), [400, 300]);
  zoomTo(v, 4, 100, 100);
  const before = toPatch(v, 100, 100);
  zoomTo(v, 8, 100, 100);
  for (const [n, one] of toPatch(v, 100, 100).entries()) assert.ok(Math.abs(one - before[n]) < 1e-9);
  pan(v, 1e6, 1e6);
  assert.deepEqual([v.place.column, v.place.row], [0, 0]);
});

test("what is marked is looked at with room around it; where nothing is, the whole patch", () => {
  const wide = { width: 100, height: 100 }, mask = new Uint8Array(10000);
  assert.equal(around(wide, mask).zoom, 1);
  mask[50 * 100 + 20] = 1;
  assert.deepEqual(around(wide, mask), { zoom: 1 / (13 / 100), column: 20.5, row: 50.5 });
});

test("a corner that is moved takes the pixels with it, and only those of its object", () => {
  const v = editor(drawn("........", ".###....", ".###....", ".###....", "......##", "......##"));
  pickRing(v, [2.5, 2.5]);
  assert.equal(handles(v.shape).length, 8);
  v.corner = [0, v.shape.rings[0].findIndex(([x, y]) => x === 4 && y === 1)];
  moveCorner(v, [6, 1]);
  assert.deepEqual(join(v.painting.slice(), v.held.mask), drawn("........", ".#####..", ".####...", ".###....", "......##", "......##"));
});

test("a corner is added in the middle of a side and taken away again; a ring of three goes as a whole", () => {
  globalThis.window = { localStorage: { setItem() {}, removeItem() {}, getItem: () => null } };
  const v = editor(drawn("........", ".###....", ".###....", ".###....", "......##", "......##"));
  pickRing(v, [2.5, 2.5]);
  v.corner = [0, 0];
  addCorner(v);
  assert.deepEqual([v.shape.rings[0].length, v.corner], [5, [0, 1]]);
  deleteCorner(v);
  assert.deepEqual(v.held.mask, drawn("........", ".###....", ".###....", ".###....", "......##", "......##"));
  for (const left of [3, 0]) {
    v.corner = [0, 0];
    deleteCorner(v);
    assert.equal(v.shape.rings[0]?.length ?? 0, left);
  }
  assert.equal(pixels(v.held.mask), 4);
});
