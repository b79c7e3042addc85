import assert from "node:assert/strict";
import { test } from "node:test";

import { drawnChart, writePicture } from "../../app/ui/metrics/plotly_bar.js";

globalThis.CSS ??= { escape: (text) => text };

function page(graph) {
  return { querySelector: (query) => (query === ".st-key-figure-a .js-plotly-plot" ? graph : null) };
}

function drawn() {
  const graph = { _context: {}, clicked: [] };
  const camera = { name: "toImage", click: (on) => graph.clicked.push({ ...on._context.toImageButtonOptions }) };
  graph._fullLayout = { _modeBar: { buttons: [[{ name: "zoom2d" }], [camera]] } };
  return graph;
}

test("a figure is found by its key once its bar is drawn", () => {
  const graph = drawn();
  assert.equal(drawnChart("figure-a", page(graph)), graph);
  assert.ok(!drawnChart("figure-b", page(graph)));
  assert.ok(!drawnChart("figure-a", page({ _fullLayout: {} })));
});

test("plotly's own camera writes the file, a PNG twice as fine", () => {
  const graph = drawn();
  writePicture(graph, "png", "curve");
  writePicture(graph, "svg", "curve");
  assert.deepEqual(graph.clicked, [{ format: "png", filename: "curve", scale: 2 }, { format: "svg", filename: "curve", scale: 1 }]);
});
