// Corners of the selected shape: taken up with mouse, touch or keyboard, moved, added and taken away.

const HANDLE_PX = 10, TOUCH_PX = 22; // how far from a corner a pointer may be: a finger's target is 44 pixels wide
const MIDDLE_PX = 44; // an edge so long has a handle in its middle, which adds a corner
const LEAST_CORNERS = 3, THINNEST = 0.5; // a polygon has no fewer; pixels of the patch a box is wide and high, at least

function handlesOf(v, shape) {
  const ring = corners(shape), found = ring.map((at, corner) => ({ at, corner, adds: false }));
  if (shape.kind !== "polygon" || ring.length >= MOST_POINTS || v.drawn.edit) return found;
  ring.forEach((at, n) => {
    const next = ring[(n + 1) % ring.length];
    if (apart(v, at, next) >= MIDDLE_PX) found.push({ at: halfway(at, next), corner: n + 1, adds: true });
  });
  return found;
}

function handleNear(v, event) { // the nearest one within reach, or undefined
  const shape = v.drawn.list[v.drawn.selected];
  if (!shape || v.draft || v.choice.hidden || !opacityOf(v, SHAPES_LAYER)) return undefined;
  const point = toPatch(v, inCell(v, event)), finger = event.pointerType === "touch" && event.target !== v.divider;
  const near = handlesOf(v, shape).map((handle) => ({ ...handle, far: apart(v, handle.at, point) }));
  return near.filter(({ far }) => far <= (finger ? TOUCH_PX : HANDLE_PX)).sort((a, b) => a.far - b.far)[0];
}

// --- with a pointer ----------------------------------------------------------------------

function takeCorner(v, { at, corner, adds }) {
  const shape = v.drawn.list[v.drawn.selected], from = adds ? withCorner(shape, corner, at) : shape;
  v.drawn.edit = { at, corner, adds, from, shape: from };
}

function dragCorner(v, dx, dy) { // by steps, so that the other cells and zooming meanwhile do not matter
  const { edit } = v.drawn, { l, place, data } = v;
  if (!edit) return;
  edit.at = [
    edit.at[0] + dx / (l.pictureW * place.zoom) * data.width,
    edit.at[1] + dy / (l.pictureH * place.zoom) * data.height,
  ];
  edit.shape = cornerMoved(data, edit.from, edit.corner, edit.at);
  drawShapes(v);
}

function dropCorner(v, moved) { // a press that did not move takes the corner up for the keyboard and the button
  const { edit } = v.drawn;
  if (!edit) return;
  v.drawn.edit = null;
  if (moved) changeSelected(v, edit.shape, edit.corner);
  else takeUp(v, edit.adds ? -1 : edit.corner);
}

function letGo(v) { // nothing has happened
  v.drawn.edit = null;
  drawShapes(v);
}

// --- with the keyboard -------------------------------------------------------------------

function nextCorner(v, step) {
  const { list, selected, corner } = v.drawn;
  if (selected < 0) return say(v, "No shape is selected; S selects one.");
  const count = corners(list[selected]).length;
  takeUp(v, corner < 0 ? (step > 0 ? 0 : count - 1) : (corner + step + count) % count);
}

function takeUp(v, corner) {
  v.drawn.corner = corner;
  v.drawn.nudged = "";
  drawShapes(v);
  drawControls(v);
  if (corner < 0) return;
  const { list, selected } = v.drawn, shape = list[selected], at = corners(shape)[corner];
  say(v, `${shape.kind === "point" ? "Point" : "Corner"} ${corner + 1} of ${corners(shape).length}. ${placeWords(v, ...at.map(Math.floor))}`);
}

function nudgeCorner(v, x, y, fine) { // ten CSS pixels or one; presses in a row are undone together
  const { list, selected, corner, nudged, past } = v.drawn, { l, place, data } = v;
  const step = (fine ? 1 : 10) / (l.fit * place.zoom), shape = list[selected], [column, row] = corners(shape)[corner];
  const to = [column - x * step / data.ground[0], row - y * step / data.ground[1]], same = `${selected} ${corner}`;
  const made = cornerMoved(data, shape, corner, to);
  changeSelected(v, made, corner, nudged === same ? { nudged: same, past } : { nudged: same });
  keepInSight(v, corners(made)[corner]);
}

function addCorner(v) {
  const { list, selected, corner } = v.drawn, shape = list[selected];
  if (shape?.kind !== "polygon" || corner < 0) return say(v, "Take up a corner of a polygon with C first.");
  if (shape.points.length >= MOST_POINTS) return say(v, `${MOST_POINTS} corners are the most a polygon can have.`);
  const next = shape.points[(corner + 1) % shape.points.length];
  changeSelected(v, withCorner(shape, corner + 1, halfway(shape.points[corner], next)), corner + 1);
}

function deleteCorner(v) {
  const { list, selected, corner } = v.drawn, shape = list[selected];
  if (shape.points.length <= LEAST_CORNERS) return say(v, "A polygon keeps at least three corners; Escape, then Delete takes it away whole.");
  const points = shape.points.toSpliced(corner, 1);
  changeSelected(v, { ...shape, points }, Math.min(corner, points.length - 1));
}

// --- what becomes of the shape -----------------------------------------------------------

function changeSelected(v, shape, corner, more = {}) {
  const { list, selected } = v.drawn;
  changeShapes(v, list.with(selected, shape), { selected, corner, ...more });
  say(v, describe(v, shape, selected + 1));
}

function cornerMoved(data, shape, corner, to) {
  const [column, row] = clamped(data, to);
  if (shape.kind !== "box") return { ...shape, points: shape.points.with(corner, [column, row]) };
  const [[left, top], [right, bottom]] = shape.points, first = corner === 0 || corner === 3, upper = corner < 2;
  const x = notThin(column, first ? right : left, data.width), y = notThin(row, upper ? bottom : top, data.height);
  return { ...shape, points: [[first ? x : left, upper ? y : top], [first ? right : x, upper ? bottom : y]] };
}

function notThin(value, other, most) {
  if (Math.abs(value - other) >= THINNEST) return value;
  const back = value < other ? other >= THINNEST : other > most - THINNEST;
  return back ? other - THINNEST : other + THINNEST;
}

function withCorner(shape, corner, at) { return { ...shape, points: shape.points.toSpliced(corner, 0, at) }; }

function halfway(a, b) { return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2].map((n) => Math.round(n * 100) / 100); }
