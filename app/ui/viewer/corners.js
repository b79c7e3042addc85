// Corners of the selected shape: taken up with mouse, touch or keyboard, moved, added and taken away.

import { changeSelected, takeUp } from "./drawing.js";
import { say } from "./elements.js";
import { drawShapes } from "./figures.js";
import { steps } from "./geometry.js";
import { cornerMoved, halfway, withCorner, withoutCorner } from "./handles.js";
import { corners } from "./shapes.js";
import { keepInSight } from "./view.js";

// --- with a pointer ----------------------------------------------------------------------

export function takeCorner(v, { at, corner, adds }) {
  const shape = v.drawn.list[v.drawn.selected], from = adds ? withCorner(shape, corner, at) : shape;
  v.drawn.edit = { at, corner, adds, from, shape: from };
}

export function dragCorner(v, dx, dy) { // by steps, so that the other cells and zooming meanwhile do not matter
  const { edit } = v.drawn;
  if (!edit) return;
  const [columns, rows] = steps(v, dx, dy);
  edit.at = [edit.at[0] + columns, edit.at[1] + rows];
  edit.shape = cornerMoved(v.data, edit.from, edit.corner, edit.at);
  drawShapes(v);
}

export function dropCorner(v, moved) { // a press that did not move takes the corner up for the keyboard and the button
  const { edit } = v.drawn;
  if (!edit) return;
  v.drawn.edit = null;
  if (moved) changeSelected(v, edit.shape, edit.corner);
  else takeUp(v, edit.adds ? -1 : edit.corner);
}

export function letGo(v) { // nothing has happened
  v.drawn.edit = null;
  drawShapes(v);
}

// --- with the keyboard -------------------------------------------------------------------

export function nextCorner(v, step) {
  const { list, selected, corner } = v.drawn;
  if (selected < 0) return say(v, "No shape is selected; S selects one.");
  const count = corners(list[selected]).length;
  takeUp(v, corner < 0 ? (step > 0 ? 0 : count - 1) : (corner + step + count) % count);
}

export function nudgeCorner(v, x, y, fine) { // ten CSS pixels or one; presses in a row are undone together
  const { list, selected, corner, nudged, past } = v.drawn, { l, place, data } = v;
  const step = (fine ? 1 : 10) / (l.fit * place.zoom), shape = list[selected], [column, row] = corners(shape)[corner];
  const to = [column - x * step / data.ground[0], row - y * step / data.ground[1]], same = `${selected} ${corner}`;
  const made = cornerMoved(data, shape, corner, to);
  changeSelected(v, made, corner, nudged === same ? { nudged: same, past } : { nudged: same });
  keepInSight(v, corners(made)[corner]);
}

export function addCorner(v) {
  const { list, selected, corner } = v.drawn, shape = list[selected];
  if (shape?.kind !== "polygon" || corner < 0) return say(v, "Take up a corner of a polygon with C first.");
  const most = v.data.limits.corners;
  if (shape.points.length >= most) return say(v, `${most} corners are the most a polygon can have.`);
  const next = shape.points[(corner + 1) % shape.points.length];
  changeSelected(v, withCorner(shape, corner + 1, halfway(shape.points[corner], next)), corner + 1);
}

export function deleteCorner(v) {
  const { list, selected, corner } = v.drawn, shape = list[selected];
  if (shape.points.length <= v.data.limits.fewest) return say(v, "A polygon keeps at least three corners; Escape, then Delete takes it away whole.");
  changeSelected(v, withoutCorner(shape, corner), Math.min(corner, shape.points.length - 2));
}
