import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { link } from "../../app/ui/linker.js";

// what stands in for a blob's address here: node imports none
const real = { Blob: globalThis.Blob, create: URL.createObjectURL };

beforeEach(() => {
  globalThis.Blob = class { constructor(parts) { this.text = parts.join(""); } };
  URL.createObjectURL = (blob) => `data:text/javascript,${encodeURIComponent(blob.text)}`;
});

afterEach(() => {
  globalThis.Blob = real.Blob;
  URL.createObjectURL = real.create;
});

const COUNT = ["count.js", [], "let held = 0;\nexport function next() { return ++held; }"];

test("modules keep their names to themselves and share what they import", async () => {
  const linked = await link([
    COUNT,
    ["one.js", ["count.js"], 'import { next } from "./count.js";\nconst held = "one";\nexport function one() { return [held, next()]; }'],
    ["two.js", ["count.js"], 'import { next } from "./count.js";\nconst held = "two";\nexport function two() { return [held, next()]; }'],
    ["all.js", ["one.js", "two.js"], 'import { one } from "./one.js";\nimport { two } from "./two.js";\nexport default () => [one(), two()];'],
  ]);
  assert.deepEqual(linked.default(), [["one", 1], ["two", 2]]);
});

test("a name that a module does not export is no part of it", async () => {
  await assert.rejects(link([COUNT, ["all.js", ["count.js"], 'import { held } from "./count.js";\nexport default () => held;']]), SyntaxError);
});
