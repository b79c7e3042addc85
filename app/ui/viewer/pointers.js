// The hand on the pictures: mouse, pen, fingers and wheel.

import { dragCorner, dropCorner, letGo, takeCorner } from "./corners.js";
import { select } from "./drawing.js";
import { drawShapes, outline } from "./figures.js";
import { clamped, inCell, placeWords, toPatch, within } from "./geometry.js";
import { handleNear } from "./handles.js";
import { tellTouch } from "./hints.js";
import { setSwipe } from "./modes.js";
import { shapeNear } from "./shapes.js";
import { finishBox, toolAt } from "./tools.js";
import { pan, zoomTo } from "./view.js";

const CLICK_PX = 4;

export function listenToStage(v) {
  const { stage, on } = v;
  on(stage, "wheel", (e) => {
    e.preventDefault();
    zoomTo(v, v.place.zoom * Math.exp(-Math.sign(e.deltaY) * 0.22), inCell(v, e));
  }, { passive: false });
  on(stage, "dblclick", (e) => e.preventDefault());
  on(stage, "pointerleave", () => { v.$(".readout").textContent = ""; });
  listenToPointers(v);
}

function listenToPointers(v) {
  const { stage, on } = v, pointers = new Map();
  let moved = 0, doing = "", spread = 0;
  on(stage, "touchmove", (e) => { // no scrolling while fingers pinch or drag a corner
    if ((e.touches.length > 1 || doing === "corner") && e.cancelable) e.preventDefault();
  }, { passive: false });
  on(stage, "pointerdown", (e) => {
    if (e.target.closest(".tag")) return;
    if (e.pointerType === "touch") tellTouch(v);
    stage.setPointerCapture(e.pointerId);
    pointers.set(e.pointerId, e);
    if (pointers.size === 1) [moved, doing] = [0, begin(v, e)];
    if (pointers.size === 2) {
      if (doing === "box") v.draft = null;
      if (doing === "corner") letGo(v);
      [spread, doing] = [distance(pointers), "pinch"];
    }
    stage.classList.add("dragging");
  });
  on(stage, "pointermove", (e) => {
    const last = pointers.get(e.pointerId);
    if (!last) return hover(v, e);
    pointers.set(e.pointerId, e);
    moved += Math.hypot(e.clientX - last.clientX, e.clientY - last.clientY);
    if (pointers.size === 2) pinch();
    else if (doing === "swipe") setSwipe(v, inCell(v, e).stageX / stage.clientWidth);
    else if (doing === "box" && v.draft) { v.draft.points[1] = toPatch(v, inCell(v, e)); drawShapes(v); readout(v, e); }
    else if (doing === "corner") { dragCorner(v, e.clientX - last.clientX, e.clientY - last.clientY); readout(v, e); }
    else if (doing === "pan") pan(v, e.clientX - last.clientX, e.clientY - last.clientY);
  });
  for (const kind of ["pointerup", "pointercancel"]) on(stage, kind, (e) => {
    if (!pointers.delete(e.pointerId)) return;
    if (pointers.size) { doing = "pan"; moved = CLICK_PX; return; }
    stage.classList.remove("dragging");
    if (kind === "pointercancel" && doing === "box") v.draft = null;
    else if (kind === "pointercancel" && doing === "corner") letGo(v);
    else if (kind === "pointercancel") return;
    else if (doing === "corner") dropCorner(v, moved >= CLICK_PX);
    else if (doing === "box") finishBox(v, clamped(v.data, toPatch(v, inCell(v, e))));
    else if (doing === "pan" && moved < CLICK_PX) click(v, e);
  });

  function pinch() {
    const now = distance(pointers), [a, b] = [...pointers.values()].map((e) => inCell(v, e));
    if (spread > 0) zoomTo(v, v.place.zoom * now / spread, { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
    spread = now;
  }
}

function begin(v, event) { // what a press starts; the middle button pans whatever the tool
  const handle = event.button === 0 ? handleNear(v, event) : undefined;
  if (handle) { takeCorner(v, handle); return "corner"; }
  if (event.target === v.divider) return "swipe";
  const point = toPatch(v, inCell(v, event));
  if (v.tool !== "box" || event.button !== 0) return "pan";
  const first = clamped(v.data, point);
  v.draft = { kind: "box", points: [first, first] };
  return "box";
}

function distance(pointers) {
  const [a, b] = [...pointers.values()];
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
}

function click(v, event) {
  const point = toPatch(v, inCell(v, event));
  const near = v.tool === "move" ? shapeNear(v, point) : -1;
  if (near >= 0) return select(v, near);
  if (v.tool === "move" && v.drawn.selected >= 0) select(v, -1);
  toolAt(v, point);
}

function hover(v, event) {
  readout(v, event);
  v.stage.classList.toggle("reaching", Boolean(handleNear(v, event)));
  if (!v.draft || v.draft.kind !== "polygon") return;
  const next = toPatch(v, inCell(v, event)), rubber = { kind: "polygon", points: [...v.draft.points, next] };
  for (const cell of v.cells) {
    cell.drawn.querySelector(".rubber")?.remove();
    cell.drawn.append(outline(v, rubber, "rubber"));
  }
}

function readout(v, event) {
  const point = toPatch(v, inCell(v, event)), place = v.$(".readout");
  if (!within(v.data, point)) { place.textContent = ""; return; }
  place.textContent = placeWords(v, Math.floor(point[0]), Math.floor(point[1]));
}
