// The list of what is drawn: changed, told to the server, one of it selected, a corner of that taken up.

import { drawControls } from "./bar.js";
import { say } from "./elements.js";
import { drawShapes } from "./figures.js";
import { clamped, placeWords } from "./geometry.js";
import { corners, describe } from "./shapes.js";
import { TELL_MS, tellShapes } from "./store.js";

// `past` is what undoing goes back through; `nudged` says which corner the keys are moving, if any.
export function changeShapes(v, list, { selected = -1, corner = -1, past = [...v.drawn.past.slice(-49), v.drawn.list], nudged = "" } = {}) {
  Object.assign(v.drawn, { list, selected, corner, past, nudged, edit: null, unsent: true });
  v.draft = null;
  drawShapes(v);
  drawControls(v);
  tellShapes(v, nudged ? TELL_MS : 0);
}

export function addShape(v, kind, points) {
  const most = v.data.limits.shapes;
  if (v.drawn.list.length >= most) return say(v, `${most} shapes are the most one patch can hold; delete one first.`);
  const shape = { kind, points: points.map((point) => clamped(v.data, point)) };
  changeShapes(v, [...v.drawn.list, shape], { selected: v.drawn.list.length });
  say(v, describe(v, shape, v.drawn.list.length));
}

export function changeSelected(v, shape, corner, more = {}) {
  const { list, selected } = v.drawn;
  changeShapes(v, list.map((one, n) => (n === selected ? shape : one)), { selected, corner, ...more });
  say(v, describe(v, shape, selected + 1));
}

export function select(v, n) {
  v.drawn.selected = n;
  takeUp(v, -1);
  if (n >= 0) say(v, describe(v, v.drawn.list[n], n + 1));
}

export function takeUp(v, corner) {
  v.drawn.corner = corner;
  v.drawn.nudged = "";
  drawShapes(v);
  drawControls(v);
  if (corner < 0) return;
  const { list, selected } = v.drawn, shape = list[selected], at = corners(shape)[corner];
  say(v, `${shape.kind === "point" ? "Point" : "Corner"} ${corner + 1} of ${corners(shape).length}. ${placeWords(v, ...at.map(Math.floor))}`);
}
