import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { confusion, curve, cutOf, histogram, marked, rates, stepOf, STEPS } from "../../app/ui/learn/desk/counting.js";
import { placed } from "../../app/ui/learn/desk/outlining.js";

const told = JSON.parse(readFileSync(new URL("counting.json", import.meta.url), "utf8"));
const steps = Uint8Array.from(told.steps), truth = Uint8Array.from(told.truth);

test("the browser counts as the server does", () => { // tests/test_bench_scenes.py reads the same file
  for (const one of told.cases) {
    assert.equal(stepOf(one.cut, told.highest), one.step);
    assert.deepEqual(confusion(marked(steps, one.step, told.width, one.smallest), steps, truth), one.counts);
  }
});

test("a threshold comes back from its step", () => {
  for (let step = 1; step <= STEPS; step += 1) assert.equal(stepOf(cutOf(step, 0.4), 0.4), step);
  assert.equal(stepOf(99, 0.4), STEPS);
  assert.equal(stepOf(-1, 0.4), 1);
});

test("pixels that are not judged are never marked and never counted", () => {
  const dark = new Uint8Array(told.steps.length);
  assert.ok(!marked(dark, 1, told.width, 0).some(Boolean));
  assert.deepEqual(confusion(marked(dark, 1, told.width, 0), dark, truth), { tp: 0, fp: 0, fn: 0, tn: 0 });
  assert.equal(histogram(dark, 8).reduce((sum, one) => sum + one, 0), 0);
});

test("the histogram holds every judged pixel", () => {
  assert.equal(histogram(steps, 64).reduce((sum, one) => sum + one, 0), steps.filter(Boolean).length);
});

test("recall never rises with the threshold, and the curve leaves out what divides by nothing", () => {
  const points = curve(steps, truth, told.width, 0, 1);
  assert.ok(points.length > 2);
  assert.ok(points.every((one, n) => !n || one.recall <= points[n - 1].recall));
  assert.deepEqual(curve(steps, new Uint8Array(truth.length), told.width, 0), []);
  assert.ok(Number.isNaN(rates({ tp: 0, fp: 0, fn: 3, tn: 1 }).precision));
});

test("a place on the screen is a pixel of the picture, held to its edges", () => {
  const box = { left: 10, top: 20, width: 200, height: 100 };
  assert.deepEqual(placed(box, { x: 110, y: 70 }, [128, 64]), [64, 32]);
  assert.deepEqual(placed(box, { x: 0, y: 999 }, [128, 64]), [0, 64]);
});
