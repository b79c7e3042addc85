import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { addressWith, choiceTexts, readChoice, readPlace, usableTexts } from "../../app/ui/viewer/address.js";
import { whole } from "../../app/ui/viewer/geometry.js";
import { close, DATA, viewer } from "./patch.js";

// tests/test_viewer.py holds Python to the same texts
const TEXTS = JSON.parse(readFileSync(new URL("texts.json", import.meta.url), "utf-8"));

function told(choice) { // a viewer that opens on an address
  const data = { ...DATA, choice: { ...DATA.choice, ...choice } };
  return { ...viewer({ data, place: readPlace(data) ?? whole(data) }), choice: readChoice(data) };
}

for (const [name, texts] of Object.entries(TEXTS)) {
  for (const text of texts) {
    test(`${name} "${text}" of an address is written as it was read`, () => {
      assert.deepEqual(choiceTexts(told({ [name]: text })), { ...DATA.choice, [name]: text });
    });
  }
}

test("a place is read back to the hundredth of its zoom and far within a pixel", () => {
  const v = viewer({ place: { zoom: 3.4567, column: 91.2345, row: 44.4321 } });
  const found = readPlace({ ...DATA, choice: { ...DATA.choice, view: choiceTexts(v).view } });
  close(found.zoom, 3.46);
  close([found.column, found.row], [91.2345, 44.4321], 1e-6);
});

for (const [why, view] of [["elsewhere", "2,4999500,999000"], ["of the whole patch", "1,4999500,501000"], ["no place", "a,b,c"], ["half a place", "2,4999500"]]) {
  test(`a view that is ${why} shows the whole patch`, () => {
    assert.equal(readPlace({ ...DATA, choice: { ...DATA.choice, view } }), null);
  });
}

test("a layer as it is switched by itself stays out of the address, a switched one stands in it", () => {
  const v = told({ layers: "truth:75,score:60" });
  assert.equal(choiceTexts(v).layers, "score:60");
});

test("opacities that cannot be are left out", () => {
  assert.deepEqual(readChoice({ ...DATA, choice: { ...DATA.choice, layers: "truth:101,score:-1,cloud.t1:x,b" } }).layers, {});
});

for (const [name, text] of [["swipe", "101"], ["swipe", "-1"], ["swipe", "x"], ["blend", ""], ["pace", "0.1"], ["pace", "9"]]) {
  test(`${name} "${text}" counts as usual`, () => {
    assert.equal(choiceTexts(told({ [name]: text }))[name], DATA.usual[name]);
  });
}

test("an address somebody went back to counts as far as it can be used", () => {
  const asked = new URLSearchParams("mode=blink&style=wipe&cells=t1,t2&swipe=20&event=5");
  const data = { ...DATA, choice: { ...DATA.choice, style: "edge", blend: "80" } };
  const found = usableTexts(asked, data);
  assert.equal(found.mode, "blink");
  assert.equal(found.swipe, "20");
  assert.equal(found.style, "edge"); // there is no "wipe"
  assert.equal(found.cells, DATA.usual.cells);
  assert.equal(found.blend, "50"); // not in the address: usual
  assert.ok(!("event" in found));
});

test("what is usual stays out of an address, and all else of it stays", () => {
  const texts = { ...DATA.choice, mode: "grid", view: "2,4999500,501000" };
  const url = addressWith("http://here/base/compare?event=7&swipe=20&mode=side#part", texts, DATA.usual);
  assert.equal(url.href, "http://here/base/compare?event=7&mode=grid&view=2%2C4999500%2C501000#part");
});
