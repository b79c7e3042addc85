// All events on one canvas that covers the map, as one layer of it; eleven thousand take a few milliseconds.

const JUDGED = { usable: "#2e8b57", unusable: "#8c2d5a", open: "#7a6fb0", done: "#1b9e77", skipped: "#9aa0a6", failed: "#d62728" }; // as the legend in map.js has them

globalThis.scarpDots = () => L.Layer.extend({
  initialize(owner) { this.owner = owner; this.drawn = 0; },
  getEvents() { return { move: this.soon, zoomend: this.soon, viewreset: this.soon, resize: this.soon, zoomanim: this.follow }; },
  onAdd(map) { this.canvas = L.DomUtil.create("canvas", "dots leaflet-zoom-animated", map.getPane("dots")); },
  onRemove() { this.canvas.remove(); },
  soon() { this.due ??= requestAnimationFrame(() => this.draw()); },
  show() { this.draw(); },
  radius() {
    const crowd = this.owner.list.x.length;
    return Math.min(6, (crowd > 3000 ? 2.5 : crowd > 500 ? 4 : 6) + this._map.getZoom() / 4);
  },
  frame() {
    const { x: left, y: top } = this._map.getPixelBounds().min;
    return { scale: 2 ** this._map.getZoom(), left, top };
  },
  where(n) { return L.CRS.EPSG3857.pointToLatLng(L.point(this.owner.list.x[n], this.owner.list.y[n]), 0); },
  near(point) { // the shown event nearest to a pointer, or null
    const { list, shown } = this.owner, reach = this.radius() + 4, { scale, left, top } = this.frame();
    let best = null, least = reach * reach;
    for (let n = 0; n < list.x.length; n++) {
      if (shown && !shown[n]) continue;
      const d = (list.x[n] * scale - left - point.x) ** 2 + (list.y[n] * scale - top - point.y) ** 2;
      if (d <= least) [least, best] = [d, n];
    }
    return best;
  },
  follow({ center, zoom }) { // while a zoom is animated
    const map = this._map, origin = map.project(center, zoom).subtract(map.getSize().divideBy(2));
    const at = map.project(this.corner, zoom).subtract(origin).subtract(L.DomUtil.getPosition(map.getPane("mapPane")));
    L.DomUtil.setTransform(this.canvas, at, map.getZoomScale(zoom, map.getZoom()));
  },
  draw() {
    this.due = null;
    const map = this._map, size = map.getSize(), sharp = devicePixelRatio || 1, pen = this.canvas.getContext("2d");
    if (this.canvas.width !== size.x * sharp || this.canvas.height !== size.y * sharp) {
      Object.assign(this.canvas, { width: size.x * sharp, height: size.y * sharp });
      Object.assign(this.canvas.style, { width: `${size.x}px`, height: `${size.y}px` });
    }
    L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]));
    this.corner = map.containerPointToLatLng([0, 0]);
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.clearRect(0, 0, size.x, size.y);
    this.drawn = this.stamp(pen, size, sharp);
  },
  stamp(pen, size, sharp) {
    const { list, shown, state, dark } = this.owner, { scale, left, top } = this.frame(), r = this.radius(), half = r + 1;
    const [plain, doubted] = ["#2f7da1", "#c69a2d"].map((colour) => sprite(colour, dark ? "#16191c" : "#fff", r, sharp));
    const judged = new Map(Object.entries(state?.judged ?? {}).flatMap(([kind, at]) => {
      const dot = sprite(JUDGED[kind] ?? "#777", dark ? "#16191c" : "#fff", r, sharp);
      return at.map((n) => [n, dot]);
    }));
    const taken = new Set(), cell = list.x.length > 500 ? 2 : 0; // of dots on one spot one is seen
    let drawn = 0;
    for (let n = 0; n < list.x.length; n++) {
      if ((shown && !shown[n]) || n === state?.chosen) continue; // the chosen one has its ring
      const px = list.x[n] * scale - left, py = list.y[n] * scale - top;
      if (px < -half || py < -half || px > size.x + half || py > size.y + half) continue;
      drawn++;
      if (cell && taken.size === taken.add(Math.round(px / cell) * 65536 + Math.round(py / cell)).size) continue;
      pen.drawImage(judged.get(n) ?? (list.doubt.has(n) ? doubted : plain), px - half, py - half, 2 * half, 2 * half);
    }
    return drawn;
  },
});

function sprite(colour, edge, radius, sharp) {
  const side = 2 * (radius + 1), picture = document.createElement("canvas");
  picture.width = picture.height = Math.ceil(side * sharp);
  const pen = picture.getContext("2d");
  pen.scale(picture.width / side, picture.height / side);
  pen.arc(side / 2, side / 2, radius - 0.5, 0, 2 * Math.PI);
  Object.assign(pen, { fillStyle: colour, lineWidth: radius > 4 ? 1.5 : 0.7, strokeStyle: edge });
  pen.fill();
  pen.stroke();
  return picture;
}
