import assert from "node:assert/strict";
import { test } from "node:test";

import { chosenIds, emptyWords, mayShow, offered, opacityOf, shownOpacity } from "../../app/ui/viewer/layers.js";
import { DATA, viewer } from "./patch.js";

const [TRUTH, CLOUD, SCORE] = DATA.layers;

test("a picture this page does not have gives way to one that it has", () => {
  const v = viewer();
  v.choice.left = "ndvi";
  assert.deepEqual(chosenIds(v), ["t1", "t2"]);
});

test("a grid has four cells, and shows the layers where there is no third picture", () => {
  const v = viewer({ mode: "grid" });
  assert.deepEqual(chosenIds(v), ["t1", "t2", "overlays", "overlays"]);
});

test("pictures, masks alone and all layers are offered, and say when they are simulated", () => {
  assert.deepEqual(offered(viewer()).map(({ id }) => id), ["t1", "t2", "only.truth", "only.cloud.t1", "overlays"]);
  const simulated = offered(viewer({ data: { ...DATA, simulated: true } }));
  assert.ok(simulated.filter(({ group }) => group === "Masks").every(({ label }) => label.endsWith("SIMULATED")));
});

test("a mask of one date lies over that date's picture alone", () => {
  const v = viewer();
  assert.ok(mayShow(v, CLOUD, "t1") && !mayShow(v, CLOUD, "t2"));
  assert.ok(mayShow(v, TRUTH, "t1") && mayShow(v, TRUTH, "t2"));
});

test("a mask alone shows no other, and layers alone show masks without pictures", () => {
  const v = viewer();
  assert.ok(mayShow(v, TRUTH, "only.truth") && !mayShow(v, CLOUD, "only.truth"));
  assert.ok(mayShow(v, CLOUD, "overlays") && !mayShow(v, SCORE, "overlays"));
});

test("a layer is as strong as it was made until a reader says otherwise", () => {
  const v = viewer();
  assert.deepEqual([TRUTH, CLOUD].map((layer) => opacityOf(v, layer)), [75, 0]);
  v.choice.layers = { truth: 0, "cloud.t1": 30 };
  assert.deepEqual([TRUTH, CLOUD].map((layer) => opacityOf(v, layer)), [0, 30]);
});

test("hidden layers are gone, but for one that is shown alone", () => {
  const v = viewer();
  v.choice.hidden = true;
  assert.equal(shownOpacity(v, { id: "t1" }, TRUTH), 0);
  assert.equal(shownOpacity(v, { id: "only.truth" }, TRUTH), 75);
  assert.equal(shownOpacity(v, { id: "only.cloud.t1" }, CLOUD), 100);
});

test("a cell without anything to see says why", () => {
  const v = viewer();
  assert.match(emptyWords(v, { waits: true }), /Preparing/);
  assert.match(emptyWords(v, { id: "overlays", shown: [CLOUD] }), /Switch a layer on/);
  assert.equal(emptyWords(v, { id: "overlays", shown: [TRUTH] }), "");
  assert.equal(emptyWords(v, { id: "t1", shown: [] }), "");
});
