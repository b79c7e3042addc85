// The keys of the editor: what they do is done to the cross, which the arrows move.

import { addCorner, cornerHeld, deleteCorner, dropCorner, letGo, moveCorner, nextCorner } from "./corners.js";
import { tellPixel } from "./pointers.js";
import { act, chooseTool, fillHoles, pixelAt, snapped, takeBack, TOOLS } from "./tools.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function listenToKeys(v) {
  v.on(v.stage, "keydown", (event) => {
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key, ctrl = event.ctrlKey || event.metaKey;
    const act = ctrl ? withCtrl(v, name, event.shiftKey) : event.altKey ? null : plain(v, name, event.shiftKey);
    if (!act) return;
    act();
    event.preventDefault();
    event.stopPropagation(); // the page has keys of its own
  });
}

function withCtrl(v, name, shift) {
  if (name === "z") return () => takeBack(v, shift);
  return name === "y" ? () => takeBack(v, true) : null;
}

function plain(v, name, shift) {
  const tool = TOOLS.find(([, , key]) => key === name);
  if (tool) return () => chooseTool(v, tool[0]);
  if (ARROWS[name]) return () => arrow(v, ARROWS[name], shift);
  return {
    Enter: () => enter(v, shift), " ": () => enter(v, shift), t: v.swap, o: () => fillHoles(v), h: () => hide(v),
    "[": () => v.resize(v.size - 1), "]": () => v.resize(v.size + 1), n: () => nextCorner(v), a: () => addCorner(v),
    Delete: () => deleteCorner(v), Backspace: () => deleteCorner(v), Escape: () => leave(v),
    "+": () => v.zoomKey("in"), "=": () => v.zoomKey("in"), "-": () => v.zoomKey("out"), 0: () => v.zoomKey("fit"),
  }[name];
}

function arrow(v, [dx, dy], fine) {
  const corner = cornerHeld(v);
  if (corner) {
    const step = fine ? 0.25 : 1;
    moveCorner(v, [corner[0] + dx * step, corner[1] + dy * step]);
    return dropCorner(v);
  }
  const [column, row] = cursor(v), step = fine ? 10 : 1, { width, height } = v.data;
  v.cursor = [Math.min(width - 0.5, Math.max(0.5, column + dx * step)), Math.min(height - 0.5, Math.max(0.5, row + dy * step))];
  const at = pixelAt(v, v.cursor);
  if (v.tool === "snap") v.preview(snapped(v, at));
  tellPixel(v, at);
  v.draw();
}

function cursor(v) { return v.cursor ?? (v.pointer ?? [v.place.column, v.place.row]).map((one) => Math.floor(one) + 0.5); }

function enter(v, shift) {
  v.cursor = cursor(v);
  act(v, v.cursor, shift);
}

function hide(v) { for (const name of ["canvas", ".lines"]) v.$(name).style.visibility = v.$(name).style.visibility ? "" : "hidden"; }

function leave(v) {
  Object.assign(v, { draft: null, from: null, to: null, cursor: null });
  letGo(v);
  v.draw();
}
