import assert from "node:assert/strict";
import test from "node:test";

import { reached } from "../../app/ui/share.js";

const CLASS = "http://192.168.1.20:8501/learn";

test("in a class, a link copied on the machine itself is the one that others reach", () => {
  assert.equal(reached("http://127.0.0.1:8501/learn?learn=bench", CLASS), "http://192.168.1.20:8501/learn?learn=bench");
  assert.equal(reached("http://localhost:8501/", CLASS), "http://192.168.1.20:8501/");
});

test("without a class, and for others, it is what the bar says", () => {
  assert.equal(reached("http://127.0.0.1:8501/learn", ""), "http://127.0.0.1:8501/learn");
  assert.equal(reached("http://10.0.0.9:8501/learn", CLASS), "http://10.0.0.9:8501/learn");
});
