// Hands on the stage: mouse, pen and fingers.

import { dropCorner, moveCorner } from "./corners.js";
import { drawHand } from "./drawing.js";
import { pan, toPatch, zoomTo } from "./place.js";
import { click, drop, dropLine, paint, pixelAt, press, snapped } from "./tools.js";

const CLICK_PX = 5, TOUCH_REACH_PX = 24;

export function listenToStage(v) {
  const { stage, on } = v, pointers = new Map();
  let doing = "", moved = 0, spread = 0;
  const at = (event) => {
    const { left, top } = stage.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const point = (event) => toPatch(v, ...at(event));
  on(stage, "wheel", (e) => { e.preventDefault(); zoomTo(v, v.place.zoom * Math.exp(-Math.sign(e.deltaY) * 0.22), ...at(e)); v.draw(); }, { passive: false });
  on(stage, "pointerleave", () => { v.pointer = null; v.preview(null); drawHand(v); });
  on(stage, "pointerdown", (e) => {
    stage.setPointerCapture(e.pointerId);
    pointers.set(e.pointerId, e);
    if (pointers.size === 1) {
      moved = 0;
      doing = e.button === 1 ? "pan" : press(v, point(e), e.pointerType === "touch" ? TOUCH_REACH_PX : undefined);
    } else { // two fingers look around: what the first began is nothing
      Object.assign(v, { painting: null, from: null, to: null });
      [doing, spread] = ["pinch", distance(pointers)];
      v.draw();
    }
  });
  on(stage, "pointermove", (e) => {
    const last = pointers.get(e.pointerId);
    v.pointer = e.pointerType === "touch" ? null : point(e);
    if (!last) return hover(v);
    const [dx, dy] = [e.clientX - last.clientX, e.clientY - last.clientY];
    pointers.set(e.pointerId, e);
    moved += Math.hypot(dx, dy);
    if (doing === "paint" && v.painting) paint(v, point(e));
    else if (doing === "corner") moveCorner(v, point(e));
    else if (doing === "line" && v.from) { v.to = point(e); v.draw(); }
    else if (doing === "pan") { pan(v, dx, dy); v.draw(); }
    else if (doing === "pinch" && pointers.size === 2) pinch(dx / 2, dy / 2);
  });
  for (const kind of ["pointerup", "pointercancel"]) on(stage, kind, (e) => {
    if (!pointers.delete(e.pointerId) || pointers.size) return;
    if (kind === "pointercancel") Object.assign(v, { painting: null, from: null, to: null });
    else if (doing === "paint") drop(v);
    else if (doing === "corner") dropCorner(v);
    else if (doing === "line" && v.from && moved >= CLICK_PX) dropLine(v);
    else if (doing === "click" && moved < CLICK_PX) click(v, point(e), e.shiftKey);
    if (doing === "line") v.from = v.to = null;
    doing = "";
    v.draw();
  });

  function pinch(dx, dy) {
    const now = distance(pointers), [a, b] = [...pointers.values()].map(at);
    pan(v, dx, dy);
    if (spread > 0) zoomTo(v, v.place.zoom * now / spread, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2);
    spread = now;
    v.draw();
  }
}

function distance(pointers) {
  const [a, b] = [...pointers.values()];
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
}

function hover(v) {
  const at = pixelAt(v, v.pointer ?? [-1, -1]);
  drawHand(v);
  v.preview(v.tool === "snap" && at >= 0 ? snapped(v, at) : null);
  tellPixel(v, at);
}

export function tellPixel(v, at) {
  const score = v.tool === "snap" && v.score && at >= 0 ? v.score[at] : Number.NaN;
  const place = at < 0 ? "" : `Column ${at % v.data.width}, row ${Math.floor(at / v.data.width)}`;
  const none = v.tool === "snap" && v.score ? ", no score here" : "";
  v.$(".readout").textContent = place && place + (Number.isFinite(score) ? `, score ${score.toPrecision(3)}: threshold of a click` : none);
}
