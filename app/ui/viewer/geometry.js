// Where things are: cells on the stage, the picture in a cell. CSS pixels, unless a name says otherwise.

const MOST_PX = 32; // CSS pixels a pixel of the patch, at most
const SEAM_PX = 3; // what parts neighbouring cells

// Measured when the size, the mode or the patch changes, never while a hand moves.
function measure(v) {
  const { data, choice } = v, full = v.root.fullscreenElement === v.box;
  const columns = choice.mode === "side" || choice.mode === "grid" ? 2 : 1, rows = choice.mode === "grid" ? 2 : 1;
  const stageW = v.stage.clientWidth, groundW = data.width * data.ground[0], groundH = data.height * data.ground[1];
  const width = (stageW - (columns - 1) * SEAM_PX) / columns;
  const most = full ? window.innerHeight - v.bar.offsetHeight - 24 : roomBelow(v, rows);
  const stageH = full ? most : Math.min(most, rows * width * groundH / groundW + (rows - 1) * SEAM_PX);
  const height = (stageH - (rows - 1) * SEAM_PX) / rows;
  const fit = Math.min(width / groundW, height / groundH); // CSS pixels a metre where the whole patch shows
  const mostZoom = Math.max(1, MOST_PX / (fit * Math.max(...data.ground)));
  v.l = { columns, rows, width, height, stageH, fit, mostZoom, pictureW: groundW * fit, pictureH: groundH * fit };
}

function roomBelow(v, rows) { // the picture ends with the window where that leaves enough of it
  const scrolled = v.stage.getRootNode().host?.closest("[data-testid=stMain]")?.scrollTop ?? 0, whole = window.innerHeight;
  const top = v.stage.getBoundingClientRect().top + scrolled, usual = whole * (rows > 1 ? 0.82 : 0.72);
  const least = whole * (rows > 1 ? 0.72 : 0.55);
  return Math.max(300, top < whole * 0.6 ? between(whole - top - 12, least, usual) : usual);
}

// Top left corner of the picture in its cell, after keeping the picture within reach.
function settlePlace(v) {
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

function between(value, low, high) { return low > high ? (low + high) / 2 : Math.min(high, Math.max(low, value)); }

function cellBox(v, n) { // where a cell stands on the stage
  const { l } = v, column = l.columns > 1 ? n % 2 : 0, row = l.rows > 1 ? Math.floor(n / 2) : 0;
  return { left: column * (l.width + SEAM_PX), top: row * (l.height + SEAM_PX) };
}

function inCell(v, event) { // where a pointer is, in the cell below it
  const box = v.stage.getBoundingClientRect(), { l } = v;
  const x = event.clientX - box.left, y = event.clientY - box.top;
  return { x: x % (l.width + SEAM_PX), y: y % (l.height + SEAM_PX), stageX: x };
}

function toPatch(v, point) { // from a cell to columns and rows of the patch, with fractions
  const { l, place, data, at } = v;
  return [(point.x - at.x) / (l.pictureW * place.zoom) * data.width, (point.y - at.y) / (l.pictureH * place.zoom) * data.height];
}

function within(data, [column, row]) { return column >= 0 && row >= 0 && column < data.width && row < data.height; }

function pan(v, dx, dy) {
  const { l, place, data } = v;
  place.column -= dx / (l.pictureW * place.zoom) * data.width;
  place.row -= dy / (l.pictureH * place.zoom) * data.height;
  move(v);
}

function zoomTo(v, zoom, point = { x: v.l.width / 2, y: v.l.height / 2 }) {
  const [column, row] = toPatch(v, point), { place, l } = v;
  const held = Math.min(l.mostZoom, Math.max(1, zoom)), share = place.zoom / held;
  place.column = column + (place.column - column) * share; // what is under the hand stays there
  place.row = row + (place.row - row) * share;
  place.zoom = held;
  move(v);
}

function metresText(metres) {
  return metres >= 10000 ? `${(metres / 1000).toFixed(1)} km` : `${metres.toLocaleString("en", { maximumFractionDigits: 0 })} m`;
}

function areaText(squareMetres) {
  return squareMetres >= 1e6 ? `${(squareMetres / 1e6).toFixed(2)} km²` : `${squareMetres.toLocaleString("en", { maximumFractionDigits: 0 })} m²`;
}
