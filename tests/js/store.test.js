import assert from "node:assert/strict";
import { test } from "node:test";

import { DATA } from "./patch.js";

globalThis.window = { addEventListener() {}, location: { search: "", href: "http://x/" } };
const { lookedAt } = await import("../../app/ui/viewer/store.js");

test("the page moves the picture once to each thing it wants looked at, and leaves it to the reader from then on", () => {
  const data = { ...DATA, key: "walked", look: { id: "a", column: 20, row: 30, zoom: 4 } };
  const place = lookedAt(data);
  assert.deepEqual([place.column, place.row, place.zoom, place.id], [20, 30, 4, undefined]);
  place.zoom = 2;
  assert.equal(lookedAt(data).zoom, 2);
  assert.equal(lookedAt({ ...data, look: { ...data.look, id: "b", zoom: 8 } }).zoom, 8);
  assert.equal(lookedAt({ ...data, look: null }).zoom, 8);
});
