// Points, boxes and polygons the reader draws; kept in columns and rows of the patch, shown in every cell.

const SVG = "http://www.w3.org/2000/svg";
const TOOLS = [["move", "v"], ["point", "d"], ["box", "b"], ["polygon", "g"]];
const TOOL_WORDS = { move: "Pan, zoom and pick pixels", point: "Click to set a point", box: "Drag a box from corner to corner", polygon: "Click the corners; click the first or the last one again, or press Finish or Enter twice, to close" };
const TOUCH_WORDS = "One finger scrolls the page, two move and zoom the picture; zoomed in, one moves it.";
const TOUCH_WORDS_MS = 6000;
const SHAPES_LAYER = { id: "drawn", title: "Drawn shapes", colour: "#fff", on: true, opacity: 100, pattern: 0, picture: true };
const MOST_SHAPES = 200, MOST_POINTS = 400, NEAR_PX = 7;

function drawnOf(data) { // the page's own list counts where the page has changed it
  const held = DRAWN.get(data.key);
  if (held && held.revision >= data.drawn.revision) return held;
  DRAWN.set(data.key, { revision: data.drawn.revision, list: data.drawn.shapes, past: [], selected: -1, corner: -1, nudged: "", edit: null, unsent: false });
  return DRAWN.get(data.key);
}

function chooseTool(v, tool) {
  v.tool = tool;
  v.draft = null;
  if (tool !== "move") v.choice.hidden = false; // nobody draws what cannot be seen
  Object.assign(v.drawn, { selected: -1, corner: -1, edit: null });
  v.cursor = tool === "move" ? null : [v.place.column, v.place.row];
  drawShapes(v);
  refresh(v);
  say(v, TOOL_WORDS[tool]);
}

// `past` is what undoing goes back through; `nudged` says which corner the keys are moving, if any.
function changeShapes(v, list, { selected = -1, corner = -1, past = [...v.drawn.past.slice(-49), v.drawn.list], nudged = "" } = {}) {
  Object.assign(v.drawn, { list, selected, corner, past, nudged, edit: null, unsent: true });
  v.draft = null;
  drawShapes(v);
  drawControls(v);
  tellShapes(v, nudged ? TELL_MS : 0);
}

function tellShapes(v, wait) { // to the server; while keys move a corner only once they rest
  const { drawn } = v, tell = () => { drawn.unsent = false; v.setState("shapes", { revision: drawn.revision, shapes: drawn.list }); };
  clearTimeout(v.tellingShapes);
  if (wait) v.tellingShapes = setTimeout(tell, wait);
  else tell();
}

function addShape(v, kind, points) {
  if (v.drawn.list.length >= MOST_SHAPES) return say(v, `${MOST_SHAPES} shapes are the most one patch can hold; delete one first.`);
  const shape = { kind, points: points.map((point) => clamped(v.data, point)) };
  changeShapes(v, [...v.drawn.list, shape], { selected: v.drawn.list.length });
  say(v, describe(v, shape, v.drawn.list.length));
}

function clamped(data, [column, row]) {
  return [between(column, 0, data.width), between(row, 0, data.height)].map((n) => Math.round(n * 100) / 100);
}

function deleteSelected(v) { // or the corner of a polygon that is taken up
  const { list, selected, corner } = v.drawn;
  if (selected < 0) return say(v, "No shape is selected.");
  if (corner >= 0 && list[selected].kind === "polygon") return deleteCorner(v);
  changeShapes(v, list.filter((_, n) => n !== selected));
  say(v, `Shape ${selected + 1} deleted.`);
}

function undo(v) {
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

function selectNext(v) {
  const count = v.drawn.list.length;
  if (!count) return say(v, "Nothing is drawn yet.");
  select(v, (v.drawn.selected + 1) % count);
}

function select(v, n) {
  v.drawn.selected = n;
  takeUp(v, -1);
  if (n >= 0) say(v, describe(v, v.drawn.list[n], n + 1));
}

// --- what a click, a press of Enter or a drag does with a tool ---------------------------

function finish(v) { // what is being drawn, where it is enough for a polygon
  const points = v.draft?.kind === "polygon" ? v.draft.points : [];
  if (points.length < LEAST_CORNERS) return say(v, "A polygon needs at least three corners.");
  addShape(v, "polygon", points);
}

function toolAt(v, point) {
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
  if (points.length >= MOST_POINTS) return say(v, `${MOST_POINTS} corners are the most a polygon can have; close it.`);
  v.draft = { kind: "polygon", points: [...points, point] };
}

function finishBox(v, point) {
  if (!v.draft) return; // left with Escape meanwhile
  const [first] = v.draft.points;
  v.draft = null;
  if (Math.abs(point[0] - first[0]) >= 0.5 && Math.abs(point[1] - first[1]) >= 0.5) addShape(v, "box", [first, point]);
  else drawShapes(v);
}

function apart(v, a, b) { // in CSS pixels
  const { l, place, data } = v, scale = l.fit * place.zoom;
  return Math.hypot((a[0] - b[0]) * data.ground[0], (a[1] - b[1]) * data.ground[1]) * scale;
}

function shapeNear(v, point) { // the uppermost shape whose outline is under the hand, or -1
  const near = (shape) => {
    const ring = corners(shape);
    if (shape.kind === "point") return apart(v, ring[0], point) <= NEAR_PX + 2;
    return ring.some((a, n) => fromLine(v, a, ring[(n + 1) % ring.length], point) <= NEAR_PX);
  };
  return v.drawn.list.findLastIndex(near);
}

function fromLine(v, a, b, point) {
  const [gx, gy] = v.data.ground, dx = (b[0] - a[0]) * gx, dy = (b[1] - a[1]) * gy, length = dx * dx + dy * dy;
  const share = length ? between(((point[0] - a[0]) * gx * dx + (point[1] - a[1]) * gy * dy) / length, 0, 1) : 0;
  return apart(v, [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share], point);
}

function corners(shape) {
  if (shape.kind !== "box") return shape.points;
  const [[a, b], [c, d]] = shape.points;
  return [[a, b], [c, b], [c, d], [a, d]];
}

// --- sizes, on the ground ----------------------------------------------------------------

function describe(v, shape, number) {
  if (shape.kind === "point") return `Point ${number}`;
  const { area, around } = sizes(v.data, corners(shape));
  return `${shape.kind === "box" ? "Box" : "Polygon"} ${number}: about ${areaText(area)}, ${metresText(around)} around`;
}

function sizes(data, ring) {
  const metres = ring.map(([column, row]) => [column * data.ground[0], row * data.ground[1]]);
  let area = 0, around = 0;
  metres.forEach(([x, y], n) => {
    const [nextX, nextY] = metres[(n + 1) % metres.length];
    area += (x * nextY - nextX * y) / 2;
    around += Math.hypot(nextX - x, nextY - y);
  });
  return { area: Math.abs(area), around };
}

// --- drawing -----------------------------------------------------------------------------

function drawShapes(v) {
  const { list, selected, edit } = v.drawn;
  for (const cell of v.cells) {
    cell.drawn.setAttribute("viewBox", `0 0 ${v.data.width * v.data.ground[0]} ${v.data.height * v.data.ground[1]}`);
    cell.drawn.replaceChildren(...list.flatMap((shape, n) => figure(v, edit && n === selected ? edit.shape : shape, n)));
    if (v.draft) cell.drawn.append(outline(v, v.draft, "draft"), ...v.draft.points.map((point) => dot(v, point, "knob")));
  }
  drawHint(v);
}

function drawHint(v) { // how what is being drawn ends; else, once, what fingers do
  const points = v.draft?.kind === "polygon" ? v.draft.points.length : 0;
  v.$(".finish").hidden = points < LEAST_CORNERS;
  v.$(".hint").textContent = v.tool !== "move" ? `${TOOL_WORDS[v.tool]}.` : v.touching ? TOUCH_WORDS : "";
}

function tellTouch(v) { // once while the page is open
  if (TOLD.touch) return;
  TOLD.touch = v.touching = true;
  drawHint(v);
  setTimeout(() => { v.touching = false; drawHint(v); }, TOUCH_WORDS_MS);
}

function figure(v, shape, n) {
  const kind = n === v.drawn.selected ? "shape selected" : "shape", ring = corners(shape);
  const body = shape.kind === "point" ? [dot(v, ring[0], kind)] : [outline(v, shape, "halo"), outline(v, shape, kind)];
  const [x, y] = ring.reduce((best, one) => (one[1] < best[1] ? one : best));
  const words = svg("text", { x: x * v.data.ground[0], y: y * v.data.ground[1], class: kind });
  words.textContent = shape.kind === "point" ? n + 1 : `${n + 1} · ${areaText(sizes(v.data, ring).area)}`;
  return [...body, words, ...(n === v.drawn.selected && !v.draft ? handlesOf(v, shape).map((one) => knob(v, one)) : [])];
}

function outline(v, shape, kind) {
  const steps = corners(shape).map(([column, row]) => `${column * v.data.ground[0]},${row * v.data.ground[1]}`);
  const open = shape === v.draft && shape.kind === "polygon";
  return svg(open ? "polyline" : "polygon", { points: steps.join(" "), class: kind });
}

function dot(v, [column, row], kind) {
  return svg("circle", { cx: column * v.data.ground[0], cy: row * v.data.ground[1], class: kind });
}

function knob(v, { at, corner, adds }) {
  const held = v.drawn.edit?.corner ?? v.drawn.corner;
  return dot(v, at, adds ? "handle middle" : corner === held ? "handle held" : "handle");
}

function svg(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
