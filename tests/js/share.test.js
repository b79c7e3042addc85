import assert from "node:assert/strict";
import test from "node:test";

import show, { reached } from "../../app/ui/share.js";

const CLASS = "http://192.168.1.20:8501/learn";

test("in a class, a link copied on the machine itself is the one that others reach", () => {
  assert.equal(reached("http://127.0.0.1:8501/learn?learn=bench", CLASS), "http://192.168.1.20:8501/learn?learn=bench");
  assert.equal(reached("http://localhost:8501/", CLASS), "http://192.168.1.20:8501/");
});

test("without a class, and for others, it is what the bar says", () => {
  assert.equal(reached("http://127.0.0.1:8501/learn", ""), "http://127.0.0.1:8501/learn");
  assert.equal(reached("http://10.0.0.9:8501/learn", CLASS), "http://10.0.0.9:8501/learn");
});

test("a link that changed is the only one shown from then on", (context) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  globalThis.window = { location: new URL("http://127.0.0.1:8501/learn?learn=make") };
  const said = [];
  const parts = Object.fromEntries(["code", "button", "span"].map((name) => [name, { isConnected: true }]));
  Object.defineProperty(parts.code, "textContent", { get: () => said.at(-1), set: (text) => said.push(text) });
  const root = { querySelector: (name) => parts[name] };
  show({ parentElement: root, data: { query: "?quiz=one", words: {} } });
  const leave = show({ parentElement: root, data: { query: "?quiz=two", words: {} } });
  context.mock.timers.tick(1000);
  assert.deepEqual(said, ["http://127.0.0.1:8501/learn?quiz=one", "http://127.0.0.1:8501/learn?quiz=two"]);
  leave();
  delete globalThis.window;
});
