// What a hand or a key does to the outline with each tool.

import { belowIn, join, levelAt, line, objectAt, remove, stroke, within, withoutHoles } from "./bits.js";
import { letGo, pickRing, pressCorner } from "./corners.js";
import { change, redo, undo } from "./history.js";
import { tell } from "./telling.js";
import { filled } from "./trace.js";

export const TOOLS = [
  ["move", "Move", "v", "Drag to move the picture, wheel or two fingers to zoom."],
  ["brush", "Brush", "b", "Paint what belongs to the landslide. [ and ] change the size."],
  ["eraser", "Eraser", "e", "Take away what does not belong to it."],
  ["polygon", "Polygon", "g", "Click corner after corner; Finish or Enter twice closes it and adds it."],
  ["corners", "Corners", "c", "Click an object, then drag its corners; a dot between two makes a new one, Delete takes one away."],
  ["split", "Split", "x", "Draw a line across an object: it parts there."],
  ["merge", "Merge", "m", "Draw a line from one object to another: it joins them, as wide as the brush."],
  ["snap", "Snap", "s", "Click: adds what is joined here and scores no less. Shift click: cuts the object here down to that score."],
  ["take", "Take one", "k", "Click one object of what is taken over (dashed): it is added."],
];
const LINES = ["split", "merge"];
const SAME_PX = 0.6;

export function chooseTool(v, tool) {
  Object.assign(v, { tool, draft: null, from: null });
  v.preview(null);
  if (tool !== "corners") letGo(v);
  if (tool === "snap") v.loadScore();
  v.draw();
}

export function maskOf(v) { return v.painting ?? v.held.mask; }

export function pixelAt(v, point) {
  const [column, row] = point.map(Math.floor);
  return within(v.data, column, row) ? row * v.data.width + column : -1;
}

export function press(v, point, more) { // returns what goes on while the pointer is down
  v.cursor = null;
  if (v.tool === "brush" || v.tool === "eraser") {
    v.painting = v.held.mask.slice();
    v.last = point;
    paint(v, point);
    return "paint";
  }
  if (LINES.includes(v.tool)) { v.from = v.to = point; v.draw(); return "line"; }
  if (v.tool === "corners") return pressCorner(v, point, more) ? "corner" : "";
  return v.tool === "move" ? "pan" : "click";
}

export function paint(v, point) {
  stroke(v.data, v.painting, v.last, point, v.size, v.tool === "brush" ? 1 : 0);
  v.last = point;
  v.draw();
}

export function drop(v) { // the hand is off: what was painted counts
  const mask = v.painting;
  v.painting = null;
  if (mask) commit(v, mask);
}

export function dropLine(v) {
  const { from, to, tool, held } = v, mask = held.mask.slice();
  Object.assign(v, { from: null, to: null });
  if (tool === "split") line(v.data, mask, from, to, 0);
  else { line(v.data, mask, from, to, 1); stroke(v.data, mask, from, to, v.size, 1); }
  commit(v, mask);
}

export function click(v, point, shift = false) { // of the tools that need no dragging; the keyboard's Enter is one too
  const at = pixelAt(v, point);
  if (v.tool === "polygon") return corner(v, point);
  if (at < 0) return;
  if (v.tool === "take" && v.reference) commit(v, join(v.held.mask.slice(), objectAt(v.data, v.reference, at)));
  if (v.tool === "snap" && v.score) snap(v, at, shift);
}

export function snapped(v, at) { return v.score ? levelAt(v.data, v.score, at) : null; }

function snap(v, at, shift) {
  const mask = v.held.mask.slice();
  commit(v, shift ? remove(mask, belowIn(v.data, mask, v.score, at)) : join(mask, snapped(v, at)));
}

export function act(v, point, shift) { // the keyboard's Enter: a dab, an end of a line, a click
  if (v.tool === "brush" || v.tool === "eraser") { press(v, point); v.cursor = point; return drop(v); }
  if (v.tool === "corners") return pickRing(v, point);
  if (!LINES.includes(v.tool)) return click(v, point, shift);
  if (!v.from) { v.from = v.to = point; return v.draw(); }
  v.to = point;
  return dropLine(v);
}

function corner(v, point) {
  const last = v.draft?.at(-1);
  if (last && Math.hypot(last[0] - point[0], last[1] - point[1]) * v.pixel() < 4 * SAME_PX) return finish(v);
  v.draft = [...(v.draft ?? []), point];
  v.draw();
}

export function finish(v) {
  const ring = v.draft ?? [];
  v.draft = null;
  if (ring.length > 2) commit(v, join(v.held.mask.slice(), filled(v.data, [ring])));
  else v.draw();
}

export function commit(v, mask) {
  if (change(v.held, mask)) tell(v);
  v.draw();
}

export function takeBack(v, again) {
  if (v.draft && !again) { v.draft = v.draft.length > 1 ? v.draft.slice(0, -1) : null; return v.draw(); }
  letGo(v);
  if ((again ? redo : undo)(v.held)) tell(v);
  v.draw();
}

export function fillHoles(v) { letGo(v); commit(v, withoutHoles(v.data, v.held.mask)); }

export function takeAll(v) { if (v.reference) { letGo(v); commit(v, v.reference.slice()); } }

export function discard(v) {
  letGo(v);
  if (change(v.held, new Uint8Array(v.held.mask.length), false)) tell(v);
  v.draw();
}
