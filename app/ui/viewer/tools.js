// What a click, a press of Enter or a drag does with a tool, and how it is taken back.

import { deleteCorner } from "./corners.js";
import { addShape, changeShapes, select } from "./drawing.js";
import { say } from "./elements.js";
import { drawShapes } from "./figures.js";
import { apart, within } from "./geometry.js";
import { TOOL_WORDS } from "./hints.js";
import { NEAR_PX } from "./shapes.js";
import { refresh } from "./view.js";

export const TOOLS = [["move", "v"], ["point", "d"], ["box", "b"], ["polygon", "g"]];

export function chooseTool(v, tool) {
  v.tool = tool;
  v.draft = null;
  if (tool !== "move") v.choice.hidden = false; // nobody draws what cannot be seen
  Object.assign(v.drawn, { selected: -1, corner: -1, edit: null });
  v.cursor = tool === "move" ? null : [v.place.column, v.place.row];
  drawShapes(v);
  refresh(v);
  say(v, TOOL_WORDS[tool]);
}

export function finish(v) { // what is being drawn, where it is enough for a polygon
  const points = v.draft?.kind === "polygon" ? v.draft.points : [];
  if (points.length < v.data.limits.fewest) return say(v, "A polygon needs at least three corners.");
  addShape(v, "polygon", points);
}

export function toolAt(v, point) {
  if (!within(v.data, point)) return;
  if (v.tool === "point") addShape(v, "point", [point]);
  else if (v.tool === "polygon") corner(v, point);
  else if (v.tool === "box" && v.draft) finishBox(v, point);
  else if (v.tool === "box") v.draft = { kind: "box", points: [point, point] };
  else v.setTrigger("pick", { column: Math.floor(point[0]), row: Math.floor(point[1]) });
  drawShapes(v);
}

function corner(v, point) {
  const points = v.draft?.points ?? [];
  const closes = [points[0], points.at(-1)].some((one) => one && apart(v, one, point) <= NEAR_PX);
  if (closes && points.length > 2) return addShape(v, "polygon", points);
  if (closes) return;
  const most = v.data.limits.corners;
  if (points.length >= most) return say(v, `${most} corners are the most a polygon can have; close it.`);
  v.draft = { kind: "polygon", points: [...points, point] };
}

export function finishBox(v, point) {
  if (!v.draft) return; // left with Escape meanwhile
  const [first] = v.draft.points;
  v.draft = null;
  if (Math.abs(point[0] - first[0]) >= 0.5 && Math.abs(point[1] - first[1]) >= 0.5) addShape(v, "box", [first, point]);
  else drawShapes(v);
}

export function deleteSelected(v) { // or the corner of a polygon that is taken up
  const { list, selected, corner } = v.drawn;
  if (selected < 0) return say(v, "No shape is selected.");
  if (corner >= 0 && list[selected].kind === "polygon") return deleteCorner(v);
  changeShapes(v, list.filter((_, n) => n !== selected));
  say(v, `Shape ${selected + 1} deleted.`);
}

export function undo(v) {
  if (v.draft) {
    v.draft.points.pop();
    if (!v.draft.points.length) v.draft = null;
    return drawShapes(v);
  }
  const { past, list, selected } = v.drawn, before = past.at(-1);
  if (!before) return say(v, "There is nothing to undo.");
  changeShapes(v, before, { selected: before.length === list.length ? selected : -1, past: past.slice(0, -1) });
  say(v, "Undone.");
}

export function selectNext(v) {
  const count = v.drawn.list.length;
  if (!count) return say(v, "Nothing is drawn yet.");
  select(v, (v.drawn.selected + 1) % count);
}
