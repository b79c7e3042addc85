// How two or four pictures are compared: side by side, under a border, by turns, see-through, in a grid.

import { drawControls } from "./bar.js";
import { say } from "./elements.js";
import { drawShapes } from "./figures.js";
import { between } from "./geometry.js";
import { cellCount } from "./layers.js";
import { later, settle } from "./marks.js";
import { refill } from "./pictures.js";
import { drawStack, refresh } from "./view.js";

export function setMode(v, mode, tell = true) {
  const cells = cellCount(v);
  v.choice.mode = mode;
  if (tell) v.paused = false;
  if (tell && cells !== cellCount(v)) { refill(v); drawShapes(v); }
  const still = blink(v);
  refresh(v);
  if (!tell) return;
  settle(v);
  const title = titleOf(v.data.modes, mode);
  say(v, mode === "blink" && still ? "Blink: your system asks for less motion, so space swaps the pictures." : title);
}

function blink(v) { // or stop; returns whether the reader's system asks for less motion
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  clearInterval(v.blinking);
  if (v.choice.mode === "blink" && !still && !v.paused) v.blinking = setInterval(() => swap(v), v.choice.pace * 1000);
  return still;
}

export function setPace(v, seconds) {
  v.choice.pace = seconds;
  v.paused = false;
  blink(v);
  drawControls(v);
  later(v);
}

function swap(v) {
  v.showsFirst = !v.showsFirst;
  drawStack(v);
}

export function swapByHand(v) {
  if (v.choice.mode !== "blink") setMode(v, "blink");
  clearInterval(v.blinking);
  v.paused = true;
  swap(v);
  say(v, v.cells[v.showsFirst ? 0 : 1].words.textContent);
}

export function setStyle(v, style) {
  v.choice.style = style;
  refresh(v);
  settle(v);
  say(v, `Masks ${titleOf(v.data.styles, style).toLowerCase()}`);
}

export function setSwipe(v, share) {
  v.choice.swipe = Math.round(between(share, 0, 1) * 100) / 100; // as the link writes it
  drawStack(v);
  later(v);
}

function titleOf(titled, name) { return titled.find(([one]) => one === name)[1]; }
