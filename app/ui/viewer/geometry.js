// Where things are: cells on the stage, the picture in a cell. CSS pixels, unless a name says otherwise.
// `v.l` is how the cells lie, `v.place` where the reader looks, `v.at` the picture's corner in its cell.

import { scrolledAbove } from "./streamlit.js";

const MOST_PX = 32; // CSS pixels a pixel of the patch, at most
const SEAM_PX = 3; // what parts neighbouring cells

// Measured when the size, the mode or the patch changes, never while a hand moves.
export function measure(v) {
  const { data, choice, stage } = v, full = v.root.fullscreenElement === v.box, whole = window.innerHeight;
  const top = stage.getBoundingClientRect().top + scrolledAbove(stage, data.main);
  const most = full ? whole - v.bar.offsetHeight - 24 : roomBelow(top, whole, rowsOf(choice.mode));
  v.l = layout(data, choice.mode, stage.clientWidth, most, full);
}

function rowsOf(mode) { return mode === "grid" ? 2 : 1; }

// How the cells of a mode lie on a stage so wide, which is `most` high, or lower where the pictures are.
export function layout(data, mode, stageW, most, full = false) {
  const groundW = data.width * data.ground[0], groundH = data.height * data.ground[1];
  const columns = mode === "side" || mode === "grid" ? 2 : 1, rows = rowsOf(mode);
  const width = (stageW - (columns - 1) * SEAM_PX) / columns;
  const stageH = full ? most : Math.min(most, rows * width * groundH / groundW + (rows - 1) * SEAM_PX);
  const height = (stageH - (rows - 1) * SEAM_PX) / rows;
  const fit = Math.min(width / groundW, height / groundH); // CSS pixels a metre where the whole patch shows
  const mostZoom = Math.max(1, MOST_PX / (fit * Math.max(...data.ground)));
  return { columns, rows, width, height, stageH, fit, mostZoom, pictureW: groundW * fit, pictureH: groundH * fit };
}

export function roomBelow(top, whole, rows) { // the picture ends with the window where that leaves enough of it
  const usual = whole * (rows > 1 ? 0.82 : 0.72), least = whole * (rows > 1 ? 0.72 : 0.55);
  return Math.max(300, top < whole * 0.6 ? between(whole - top - 12, least, usual) : usual);
}

// Top left corner of the picture in its cell, after keeping the picture within reach.
export function settlePlace(v) {
  const { l, place, data } = v;
  place.zoom = Math.min(l.mostZoom, Math.max(1, place.zoom));
  const halfColumns = l.width / 2 / (l.pictureW * place.zoom) * data.width;
  const halfRows = l.height / 2 / (l.pictureH * place.zoom) * data.height;
  place.column = between(place.column, halfColumns, data.width - halfColumns);
  place.row = between(place.row, halfRows, data.height - halfRows);
  return {
    x: l.width / 2 - place.column / data.width * l.pictureW * place.zoom,
    y: l.height / 2 - place.row / data.height * l.pictureH * place.zoom,
  };
}

export function between(value, low, high) { return low > high ? (low + high) / 2 : Math.min(high, Math.max(low, value)); }

export function cellBox(v, n) { // where a cell stands on the stage
  const { l } = v, column = l.columns > 1 ? n % 2 : 0, row = l.rows > 1 ? Math.floor(n / 2) : 0;
  return { left: column * (l.width + SEAM_PX), top: row * (l.height + SEAM_PX) };
}

export function inCell(v, event) { // where a pointer is, in the cell below it
  const box = v.stage.getBoundingClientRect(), { l } = v;
  const x = event.clientX - box.left, y = event.clientY - box.top;
  return { x: x % (l.width + SEAM_PX), y: y % (l.height + SEAM_PX), stageX: x };
}

export function toPatch(v, point) { // from a cell to columns and rows of the patch, with fractions
  const { l, place, data, at } = v;
  return [(point.x - at.x) / (l.pictureW * place.zoom) * data.width, (point.y - at.y) / (l.pictureH * place.zoom) * data.height];
}

export function toCell(v, [column, row]) { // and back
  const { l, place, data, at } = v;
  return { x: at.x + column / data.width * l.pictureW * place.zoom, y: at.y + row / data.height * l.pictureH * place.zoom };
}

export function steps(v, dx, dy) { // a way on the screen in columns and rows
  const { l, place, data } = v;
  return [dx / (l.pictureW * place.zoom) * data.width, dy / (l.pictureH * place.zoom) * data.height];
}

export function within(data, [column, row]) { return column >= 0 && row >= 0 && column < data.width && row < data.height; }

export function clamped(data, [column, row]) {
  return [between(column, 0, data.width), between(row, 0, data.height)].map((n) => Math.round(n * 100) / 100);
}

export function whole(data) { return { zoom: 1, column: data.width / 2, row: data.height / 2 }; }

export function panned(v, dx, dy) { // settlePlace keeps it within reach
  const [columns, rows] = steps(v, dx, dy);
  v.place.column -= columns;
  v.place.row -= rows;
}

export function zoomed(v, zoom, point = { x: v.l.width / 2, y: v.l.height / 2 }) {
  const [column, row] = toPatch(v, point), { place, l } = v;
  const held = Math.min(l.mostZoom, Math.max(1, zoom)), share = place.zoom / held;
  place.column = column + (place.column - column) * share; // what is under the hand stays there
  place.row = row + (place.row - row) * share;
  place.zoom = held;
}

export function toGround(data, column, row) {
  return [data.origin[0] + column * data.step[0], data.origin[1] - row * data.step[1]];
}

export function toPixel(data, x, y) {
  return [(x - data.origin[0]) / data.step[0], (data.origin[1] - y) / data.step[1]];
}

export function apart(v, a, b) { // in CSS pixels
  const { l, place, data } = v, scale = l.fit * place.zoom;
  return Math.hypot((a[0] - b[0]) * data.ground[0], (a[1] - b[1]) * data.ground[1]) * scale;
}

export function fromLine(v, a, b, point) {
  const [gx, gy] = v.data.ground, dx = (b[0] - a[0]) * gx, dy = (b[1] - a[1]) * gy, length = dx * dx + dy * dy;
  const share = length ? between(((point[0] - a[0]) * gx * dx + (point[1] - a[1]) * gy * dy) / length, 0, 1) : 0;
  return apart(v, [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share], point);
}

// --- in words ----------------------------------------------------------------------------

export function placeWords(v, column, row) { // of the pixel's middle
  const [x, y] = toGround(v.data, column + 0.5, row + 0.5);
  const where = v.data.geographic ? `${y.toFixed(5)}°, ${x.toFixed(5)}°` : `${x.toFixed(0)} E, ${y.toFixed(0)} N`;
  return `${where} · column ${column}, row ${row}`;
}

export function metresText(metres) {
  return metres >= 10000 ? `${(metres / 1000).toFixed(1)} km` : `${metres.toLocaleString("en", { maximumFractionDigits: 0 })} m`;
}

export function areaText(squareMetres) {
  return squareMetres >= 1e6 ? `${(squareMetres / 1e6).toFixed(2)} km²` : `${squareMetres.toLocaleString("en", { maximumFractionDigits: 0 })} m²`;
}
