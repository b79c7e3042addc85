// The outlines of events on a canvas beneath their dots: fetched once a map is near enough, drawn where they can be seen.

const FEW = 2000; // outlines that are fetched and drawn at every zoom; more of them from this one on
const NEAR = 8;

globalThis.scarpAreas = () => globalThis.scarpDots().extend({
  name: "Outlines of the events", // Scarp's own: the control of layers takes names for markup
  colour: "#7b5cb0",
  onAdd(map) {
    this.canvas = L.DomUtil.create("canvas", "dots leaflet-zoom-animated", map.getPane("areas"));
    this.corner = map.containerPointToLatLng([0, 0]);
    this.soon();
  },

  update({ areas }) { // what a rerun of the page brings: where the outlines are, and how many
    const { owner } = this, { switches, kept, map } = owner;
    if (areas?.src === this.areas?.src) return this.soon();
    Object.assign(this, { areas, held: null });
    switches.removeLayer(this);
    if (areas) switches.addOverlay(this, this.name);
    if (!areas) this.remove();
    else if (!kept.off[this.name]) this.addTo(map);
    owner.explain();
    return this.soon();
  },

  show() { this.soon(); },
  soon() { if (this._map) this.due ??= requestAnimationFrame(() => { if (this._map) this.draw(); else this.due = null; }); },

  wanted() { return this._map && this.areas && (this.areas.count <= FEW || this._map.getZoom() >= NEAR); },

  async fetch() {
    const { owner, areas: { src } } = this, { kept } = owner;
    if (this.asked === src) return;
    this.asked = src;
    try {
      if (kept.areas?.src !== src) kept.areas = Object.assign(owner.parsed(await owner.read(src)), { src });
      if (this.areas?.src === src) { this.held = projected(kept.areas); this.soon(); }
    } catch { this.asked = null; owner.say("The outlines of the events did not load from this server. Reload the page to see them."); }
  },

  stamp(pen, size) { // what is under two pixels large is its dot alone
    this.seen = 0;
    if (!this.wanted()) return 0;
    if (!this.held) { this.fetch(); return 0; }
    const { shown, state, chosen } = this.owner, frame = this.frame();
    Object.assign(pen, { lineWidth: 1.5, lineJoin: "round" });
    for (const mine of [false, true]) { // the chosen one above the others
      const here = this.held.filter(({ n, parts }) => (n === state.chosen) === mine && (!shown || shown[n]) && parts.some((one) => inSight(one, frame, size)));
      Object.assign(pen, { strokeStyle: mine ? chosen : this.colour, fillStyle: `${mine ? chosen : this.colour}22` });
      for (const { parts } of here) paintShape(pen, parts, frame);
      this.seen += here.length;
    }
    return this.seen;
  },
});

function inSight({ west, east, north, south }, { scale, left, top }, size) {
  const [x, y, right, bottom] = [west * scale - left, north * scale - top, east * scale - left, south * scale - top];
  return x < size.x && y < size.y && right > 0 && bottom > 0 && (right - x >= 2 || bottom - y >= 2);
}

function paintShape(pen, parts, frame) {
  pen.beginPath();
  for (const one of parts) trace(pen, one, frame);
  if (parts[0].closed) pen.fill("evenodd");
  pen.stroke();
}

function trace(pen, { x, y, closed }, { scale, left, top }) {
  let before = null;
  for (let n = 0; n < x.length; n++) {
    const at = [x[n] * scale - left, y[n] * scale - top];
    if (!before) pen.moveTo(...at);
    else if (n < x.length - 1 && Math.abs(at[0] - before[0]) + Math.abs(at[1] - before[1]) < 1) continue; // no pixel apart
    else pen.lineTo(...at);
    before = at;
  }
  if (closed) pen.closePath();
}

function projected({ areas, lines }) { // the shapes of each event, from steps to places on the map at zoom 0
  const found = new Map();
  for (const [all, closed] of [[areas, true], [lines, false]]) {
    for (const [n, ...steps] of all) {
      const key = closed ? n : `line ${n}`;
      if (!found.has(key)) found.set(key, { n, parts: [] });
      found.get(key).parts.push(ring(steps, closed));
    }
  }
  return [...found.values()];
}

function ring(steps, closed) { // steps of a hundred-thousandth of a degree
  const count = steps.length / 2, [x, y] = [new Float64Array(count), new Float64Array(count)];
  let [longitude, latitude, west, east, north, south] = [0, 0, Infinity, -Infinity, Infinity, -Infinity];
  for (let at = 0; at < count; at++) {
    longitude += steps[2 * at];
    latitude += steps[2 * at + 1];
    const sine = Math.sin((Math.max(-85.05, Math.min(85.05, latitude / 1e5)) * Math.PI) / 180);
    x[at] = (256 * (longitude / 1e5 + 180)) / 360;
    y[at] = 256 * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI));
    [west, east, north, south] = [Math.min(west, x[at]), Math.max(east, x[at]), Math.min(north, y[at]), Math.max(south, y[at])];
  }
  return { x, y, closed, west, east, north, south };
}
