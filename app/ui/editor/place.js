// Where the patch lies on the stage: zoom, pan, and from a place on the stage to a pixel.

export const MOST_ZOOM = 40;

export function layout({ width, height, ground }, room, most) { // the whole patch in the room there is, CSS pixels
  const across = width * ground[0], down = height * ground[1], fit = Math.min(room / across, most / down);
  return { fit, stageW: room, stageH: Math.round(Math.min(most, Math.max(220, down * fit))) };
}

export function box({ data, l, place }) { // of the patch on the stage
  const k = l.fit * place.zoom, width = data.width * data.ground[0] * k, height = data.height * data.ground[1] * k;
  return { left: l.stageW / 2 - place.column / data.width * width, top: l.stageH / 2 - place.row / data.height * height, width, height };
}

export function toPatch(v, x, y) {
  const at = box(v);
  return [(x - at.left) / at.width * v.data.width, (y - at.top) / at.height * v.data.height];
}

export function toStage(v, [column, row]) {
  const at = box(v);
  return [at.left + column / v.data.width * at.width, at.top + row / v.data.height * at.height];
}

export function zoomTo(v, zoom, x = v.l.stageW / 2, y = v.l.stageH / 2) { // what lies under a place stays there
  const before = toPatch(v, x, y);
  v.place.zoom = Math.min(MOST_ZOOM, Math.max(1, zoom));
  const after = toPatch(v, x, y);
  v.place.column += before[0] - after[0];
  v.place.row += before[1] - after[1];
  settle(v);
}

export function pan(v, dx, dy) {
  const at = box(v);
  v.place.column -= dx / at.width * v.data.width;
  v.place.row -= dy / at.height * v.data.height;
  settle(v);
}

function settle({ place, data }) { // the middle of the stage stays on the patch
  if (place.zoom === 1) Object.assign(place, { column: data.width / 2, row: data.height / 2 });
  place.column = Math.min(data.width, Math.max(0, place.column));
  place.row = Math.min(data.height, Math.max(0, place.row));
}

export function whole(data) { return { zoom: 1, column: data.width / 2, row: data.height / 2 }; }

export function around(data, mask) { // where to look so that all that is marked is seen, with room around it
  let [left, right, top, bottom] = [data.width, -1, data.height, -1];
  mask.forEach((one, n) => {
    if (!one) return;
    const column = n % data.width, row = Math.floor(n / data.width);
    [left, right, top, bottom] = [Math.min(left, column), Math.max(right, column), Math.min(top, row), Math.max(bottom, row)];
  });
  if (right < 0) return whole(data);
  const share = Math.max((right - left + 13) / data.width, (bottom - top + 13) / data.height);
  return { zoom: Math.min(MOST_ZOOM, Math.max(1, 1 / share)), column: (left + right + 1) / 2, row: (top + bottom + 1) / 2 };
}
