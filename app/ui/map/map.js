// The map: an outline of the world, one dot an event, and a patch in its place. Leaflet pans and zooms; the map
// stays mounted through reruns of the page, which bring only what changed. Words of an inventory are set as text,
// never as markup.

const BACKGROUNDS = { // asked for only once a reader has chosen one
  osm: {
    name: "OpenStreetMap", url: "https://tile.openstreetmap.org/{z}/{x}/{y}.png", most: 19,
    credit: '© <a href="https://www.openstreetmap.org/copyright">OpenStreetMap</a> contributors',
  },
  imagery: {
    name: "The Sentinel-2 mosaic", most: 14,
    url: "https://tiles.maps.eox.at/wmts/1.0.0/s2cloudless_3857/default/g/{z}/{y}/{x}.jpg",
    credit: '<a href="https://s2maps.eu">Sentinel-2 cloudless</a> 2016 by EOX, CC BY 4.0, contains modified Copernicus Sentinel data',
  },
};
const COLOUR = { event: "#2f7da1", doubt: "#c69a2d", chosen: "#b4532a" };
const REACH_PX = 4; // how far beside a dot a pointer may be
const EDGE_PX = 8; // and beside the line between the dates
const MOUNTED = new WeakMap(); // root -> promise of its map
const VIEWS = new Map(); // where each map was left
const CHOSEN = { ground: "outline", mode: "t2", opacity: 1, border: 0.5 }; // the reader's, on every map
let leaflet = null, outline = null;

export default function ({ parentElement: root, data, setTriggerValue }) {
  if (!MOUNTED.has(root)) MOUNTED.set(root, start(root));
  const mounted = MOUNTED.get(root);
  mounted.then((map) => map?.update(data, (n) => setTriggerValue("click", { n, list: data.list })));
  return () => {
    if (root.querySelector(".map")?.isConnected) return; // only the data changed
    MOUNTED.delete(root);
    mounted.then((map) => map?.leave());
  };
}

async function start(root) {
  try {
    await Promise.all([(leaflet ??= script("vendor/leaflet/leaflet.js")), style(root, "vendor/leaflet/leaflet.css")]);
    outline ??= fetch(address("world.geojson")).then((answer) => answer.json());
    return new EventMap(root, await outline);
  } catch {
    leaflet = outline = null;
    say(root, "The map's files did not load from this server, so it cannot be drawn. Use the table.");
    return null;
  }
}

// Beside the application's own scripts, so that it holds under a base path and behind a proxy too.
function address(path) {
  const own = document.querySelector('script[src*="static/js/"]')?.src ?? document.baseURI;
  return new URL(`../../app/static/${path}`, own).href;
}

function script(path) {
  return loaded(Object.assign(document.createElement("script"), { src: address(path) }), document.head);
}

function style(root, path) {
  return loaded(Object.assign(document.createElement("link"), { rel: "stylesheet", href: address(path) }), root);
}

function loaded(element, parent) {
  return new Promise((done, failed) => {
    element.onload = done;
    element.onerror = failed;
    parent.append(element);
  });
}

function say(root, sentence) {
  const word = root.querySelector(".word");
  word.textContent = sentence;
  word.hidden = !sentence;
}

class EventMap {
  constructor(root, world) {
    this.root = root;
    this.$ = (query) => root.querySelector(query);
    this.box = this.$(".map");
    this.data = {};
    this.list = { x: [], y: [], text: [], doubt: new Set() };
    this.box.style.height = "300px";
    this.map = L.map(this.box, { zoomSnap: 0.25, zoomDelta: 1, wheelPxPerZoomLevel: 90, attributionControl: false,
      minZoom: 0, maxZoom: 19, maxBoundsViscosity: 1, maxBounds: [[-89, -220], [89, 220]] });
    this.box.scarp = this; // so that a test can ask where things are
    for (const [name, level] of [["ground", 200], ["land", 210], ["patch", 300], ["dots", 450], ["chosen", 460]]) {
      this.map.createPane(name).style.zIndex = level;
    }
    this.stop = new AbortController();
    this.credit = L.control.attribution({ prefix: false }).addTo(this.map);
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(this.map);
    this.land = L.geoJSON(world, { pane: "land", interactive: false, renderer: L.canvas({ pane: "land", padding: 0.3 }),
      attribution: "Outline: Natural Earth" }).addTo(this.map);
    this.dots = new Dots(this);
    this.over = null;
    this.tip = L.tooltip({ direction: "top", offset: [0, -6] });
    this.listen();
  }

  // --- what a rerun brings --------------------------------------------------------------

  update(data, tell) {
    const before = this.data;
    this.data = data;
    this.tell = tell;
    this.box.style.height = `${data.height}px`;
    this.map.invalidateSize({ animate: false });
    this.setList();
    this.shown = bits(data.shown, data.count);
    if (before.view !== data.view) this.look();
    else if (before.chosen !== data.chosen) this.follow();
    if (before.patch?.key !== data.patch?.key) this.place();
    this.paint();
  }

  setList() {
    const held = globalThis.scarpEvents?.held.get(this.data.list);
    if (!held || held === this.held) return;
    this.held = held;
    const at = held.lat.map((lat, n) => L.CRS.EPSG3857.latLngToPoint(L.latLng(clampLatitude(lat), held.lon[n]), 0));
    this.list = { x: at.map((p) => p.x), y: at.map((p) => p.y), text: held.text, doubt: new Set(held.doubt) };
  }

  look() {
    const left = VIEWS.get(this.data.view), extent = this.data.extent;
    if (left) this.map.setView(left.centre, left.zoom, { animate: false });
    else if (extent) this.map.fitBounds(corners(extent), { padding: [25, 25], maxZoom: this.data.closest, animate: false });
    else this.map.setView([20, 10], 1, { animate: false });
  }

  follow() { // to an event chosen elsewhere, unless it is in sight
    const at = this.list.x[this.data.chosen] !== undefined && this.where(this.data.chosen);
    if (at && !this.map.getBounds().contains(at)) this.map.panTo(at, { animate: false });
  }

  paint() {
    const dark = (this.dark = isDark(this.root));
    this.$(".frame").classList.toggle("dark", dark);
    const tiles = CHOSEN.ground !== "outline";
    this.land.setStyle({ color: dark ? "#6f7880" : "#8a8f94", weight: tiles ? 1 : 0.8, fillColor: dark ? "#343b42" : "#e7e2d8",
      fillOpacity: tiles ? 0 : 1 });
    this.lay();
    this.marks();
    this.controls();
    this.dots.draw();
  }

  // --- the ground -----------------------------------------------------------------------

  lay() {
    if (this.laid === CHOSEN.ground) return;
    this.laid = CHOSEN.ground;
    this.ground?.remove();
    say(this.root, "");
    const known = BACKGROUNDS[CHOSEN.ground];
    if (!known) return (this.ground = null);
    this.ground = L.tileLayer(known.url, { pane: "ground", maxNativeZoom: known.most, maxZoom: 19, noWrap: true, attribution: known.credit });
    this.ground.on("tileerror", () => say(this.root,
      `${known.name} does not answer: there is no connection, or it is refused here. Outline, events and patch need no network.`));
    this.ground.on("tileload", () => say(this.root, ""));
    this.ground.addTo(this.map);
  }

  // --- the patch ------------------------------------------------------------------------

  place() {
    for (const layer of this.over ?? []) layer.remove();
    this.over = null;
    const patch = this.data.patch;
    if (!patch) return;
    const box = corners(patch.bbox);
    this.pictures = patch.pictures.map((one) => L.imageOverlay(one.src, box, { pane: "patch", alt: one.label }));
    const frame = L.rectangle(box, { pane: "patch", color: COLOUR.chosen, weight: 2, fill: false, interactive: false });
    this.edge = L.polyline([], { pane: "patch", color: "#fff", weight: 2, interactive: false });
    this.over = [...this.pictures, frame, this.edge];
    for (const layer of this.over) layer.addTo(this.map);
  }

  marks() {
    this.ring?.remove();
    const { chosen } = this.data, inPlace = this.list.x[chosen] !== undefined;
    this.ring = !inPlace ? null : L.circleMarker(this.where(chosen), { pane: "chosen", radius: 9, weight: 2,
      color: this.hasPictures() ? COLOUR.chosen : "#fff", fillColor: COLOUR.chosen, fill: !this.hasPictures(), fillOpacity: 1,
      interactive: false }).addTo(this.map);
  }

  hasPictures() { return Boolean(this.data.patch?.pictures.length); }

  controls() {
    const mode = CHOSEN.mode, has = this.hasPictures();
    this.$(".patch").hidden = !this.data.patch;
    for (const name of [".modes", ".opacity"]) this.$(name).hidden = !has;
    this.$(".border").hidden = !has || mode !== "swipe";
    this.$(".ground select").value = CHOSEN.ground;
    this.$(".opacity input").value = CHOSEN.opacity * 100;
    this.$(".border input").value = CHOSEN.border * 100;
    for (const b of this.root.querySelectorAll(".modes button")) b.setAttribute("aria-checked", b.dataset.mode === mode);
    const tag = this.$(".tag"), shown = has && mode !== "frame";
    tag.hidden = !shown;
    if (!has) return;
    const [first, second] = this.data.patch.pictures;
    tag.textContent = mode === "swipe" ? `${first.label}  |  ${second.label}` : (mode === "t1" ? first : second).label;
    this.fade(this.pictures[0], mode === "t1" || mode === "swipe", "none");
    this.fade(this.pictures[1], mode === "t2" || mode === "swipe", mode === "swipe" ? `inset(0 0 0 ${CHOSEN.border * 100}%)` : "none");
    this.drawEdge(mode === "swipe");
  }

  drawEdge(visible) {
    const [, south, , north] = this.data.patch.bbox, at = this.edgeLongitude();
    this.edge.setLatLngs(visible ? [[south, at], [north, at]] : []);
  }

  edgeLongitude() {
    const [west, , east] = this.data.patch.bbox;
    return west + CHOSEN.border * (east - west);
  }

  atEdge(event) { // whether a pointer is on the line between the dates
    if (!this.hasPictures() || CHOSEN.mode !== "swipe") return false;
    const { lat, lng } = event.latlng, [, south, , north] = this.data.patch.bbox;
    const apart = this.map.latLngToContainerPoint([lat, lng]).x - this.map.latLngToContainerPoint([lat, this.edgeLongitude()]).x;
    return lat >= south && lat <= north && Math.abs(apart) <= EDGE_PX;
  }

  moveEdge(event) {
    const [west, , east] = this.data.patch.bbox;
    CHOSEN.border = Math.min(1, Math.max(0, (event.latlng.lng - west) / (east - west)));
    this.controls();
  }

  fade(layer, visible, clip) {
    layer.setOpacity(visible ? CHOSEN.opacity : 0);
    const image = layer.getElement();
    if (image) { image.style.clipPath = clip; image.classList.add("crisp"); }
  }

  // --- what the reader does -------------------------------------------------------------

  listen() {
    const on = (target, kind, act) => target.addEventListener(kind, act, { signal: this.stop.signal });
    on(this.$(".ground select"), "change", (e) => { CHOSEN.ground = e.target.value; this.paint(); });
    on(this.$(".modes"), "click", (e) => { if (e.target.dataset.mode) { CHOSEN.mode = e.target.dataset.mode; this.paint(); } });
    on(this.$(".opacity input"), "input", (e) => { CHOSEN.opacity = e.target.value / 100; this.controls(); });
    on(this.$(".border input"), "input", (e) => { CHOSEN.border = e.target.value / 100; this.controls(); });
    on(this.$(".fit"), "click", () => this.map.fitBounds(corners(this.data.patch.bbox), { padding: [20, 20] }));
    this.map.on("moveend", () => VIEWS.set(this.data.view, { centre: this.map.getCenter(), zoom: this.map.getZoom() }));
    this.map.on("mousemove", (e) => (this.sliding ? this.moveEdge(e) : this.point(e)));
    this.map.on("mousedown", (e) => { if (this.atEdge(e)) { this.sliding = true; this.map.dragging.disable(); } });
    on(document, "mouseup", () => { if (this.sliding) { this.map.dragging.enable(); setTimeout(() => { this.sliding = false; }); } });
    this.map.on("mouseout", () => { this.$(".place").textContent = ""; this.tip.remove(); });
    this.map.on("click", (e) => { const n = this.sliding ? null : this.near(e.containerPoint); if (n !== null) this.tell(n); });
    const lists = (globalThis.scarpEvents ??= { held: new Map(), told: new Set() });
    this.hear = (key) => { if (key === this.data.list) { this.setList(); this.paint(); } };
    lists.told.add(this.hear);
    this.watch = new ResizeObserver(() => this.resized());
    this.watch.observe(this.box);
  }

  resized() { // a map in a tab that was closed had no size to fit anything into
    const empty = !this.map.getSize().x;
    this.map.invalidateSize({ animate: false });
    if (empty && this.map.getSize().x && this.data.view) { VIEWS.delete(this.data.view); this.look(); this.paint(); }
  }

  point(event) {
    const { lat, lng } = event.latlng, digits = this.map.getZoom() > 9 ? 5 : 2;
    this.$(".place").textContent = `${lat.toFixed(digits)}°, ${lng.toFixed(digits)}°`;
    const n = this.near(event.containerPoint);
    this.box.classList.toggle("pointing", n !== null);
    this.box.classList.toggle("sliding", this.atEdge(event));
    if (n === null) return this.tip.remove();
    const words = document.createElement("span");
    words.textContent = this.list.text[n];
    this.tip.setLatLng(this.where(n)).setContent(words).addTo(this.map);
  }

  where(n) { return L.CRS.EPSG3857.pointToLatLng(L.point(this.list.x[n], this.list.y[n]), 0); }

  near(point) { // the shown event nearest to a pointer, or null
    const reach = this.dots.radius() + REACH_PX, { scale, left, top } = this.dots.frame();
    let best = null, least = reach * reach;
    for (let n = 0; n < this.list.x.length; n++) {
      if (!isOn(this.shown, n)) continue;
      const dx = this.list.x[n] * scale - left - point.x, dy = this.list.y[n] * scale - top - point.y, d = dx * dx + dy * dy;
      if (d <= least) { least = d; best = n; }
    }
    return best;
  }

  leave() {
    this.stop.abort();
    this.watch.disconnect();
    globalThis.scarpEvents.told.delete(this.hear);
    this.map.remove();
  }
}

// All events on one canvas that covers the map; eleven thousand take a few milliseconds.
class Dots {
  constructor(owner) {
    this.owner = owner;
    this.map = owner.map;
    this.canvas = L.DomUtil.create("canvas", "dots leaflet-zoom-animated", this.map.getPane("dots"));
    this.map.on("move zoomend viewreset resize", () => this.soon());
    this.map.on("zoomanim", (e) => this.follow(e));
  }

  soon() { this.due ??= requestAnimationFrame(() => this.draw()); }

  radius() {
    const crowd = this.owner.list.x.length;
    return Math.min(6, (crowd > 3000 ? 2.5 : crowd > 500 ? 4 : 6) + this.map.getZoom() / 4);
  }

  frame() {
    const { x: left, y: top } = this.map.getPixelBounds().min;
    return { scale: 2 ** this.map.getZoom(), left, top };
  }

  follow(event) { // while a zoom is animated
    const scale = this.map.getZoomScale(event.zoom, this.map.getZoom());
    L.DomUtil.setTransform(this.canvas, this.map._latLngToNewLayerPoint(this.corner, event.zoom, event.center), scale);
  }

  draw() {
    this.due = null;
    if (!this.map._loaded) return;
    const size = this.map.getSize(), sharp = window.devicePixelRatio || 1, { canvas } = this;
    if (canvas.width !== size.x * sharp || canvas.height !== size.y * sharp) {
      Object.assign(canvas, { width: size.x * sharp, height: size.y * sharp });
      Object.assign(canvas.style, { width: `${size.x}px`, height: `${size.y}px` });
    }
    L.DomUtil.setPosition(canvas, this.map.containerPointToLayerPoint([0, 0]));
    this.corner = this.map.containerPointToLatLng([0, 0]);
    const pen = canvas.getContext("2d");
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.clearRect(0, 0, size.x, size.y);
    this.drawn = this.stamp(pen, size, sharp);
  }

  stamp(pen, size, sharp) {
    const { x, y, doubt } = this.owner.list, { scale, left, top } = this.frame(), r = this.radius(), half = r + 1;
    const edge = this.owner.dark ? "#16191c" : "#fff";
    const plain = sprite(COLOUR.event, edge, r, sharp), doubted = sprite(COLOUR.doubt, edge, r, sharp);
    const taken = new Set(), cell = x.length > 500 ? 2 : 0; // of dots on one spot one is seen
    let drawn = 0;
    for (let n = 0; n < x.length; n++) {
      if (!isOn(this.owner.shown, n) || n === this.owner.data.chosen) continue; // the chosen one has its ring
      const px = x[n] * scale - left, py = y[n] * scale - top;
      if (px < -half || py < -half || px > size.x + half || py > size.y + half) continue;
      drawn++;
      if (cell) {
        const spot = Math.round(px / cell) * 65536 + Math.round(py / cell);
        if (taken.has(spot)) continue;
        taken.add(spot);
      }
      pen.drawImage(doubt.has(n) ? doubted : plain, px - half, py - half, 2 * half, 2 * half);
    }
    return drawn;
  }
}

function sprite(colour, edge, radius, sharp) {
  const side = 2 * (radius + 1), picture = document.createElement("canvas");
  picture.width = picture.height = Math.ceil(side * sharp);
  const pen = picture.getContext("2d");
  pen.scale(picture.width / side, picture.height / side);
  pen.arc(side / 2, side / 2, radius - 0.5, 0, 2 * Math.PI);
  pen.fillStyle = colour;
  pen.fill();
  pen.lineWidth = radius > 4 ? 1.5 : 0.7;
  pen.strokeStyle = edge;
  pen.stroke();
  return picture;
}

function bits(text, count) { // one bit an event, lowest first; empty: all of them
  if (!text) return null;
  const packed = atob(text);
  return Uint8Array.from({ length: count }, (_, n) => (packed.charCodeAt(n >> 3) >> (n & 7)) & 1);
}

function isOn(shown, n) { return !shown || shown[n] === 1; }

function corners([west, south, east, north]) { return [[south, west], [north, east]]; }

function clampLatitude(lat) { return Math.max(-85.05, Math.min(85.05, lat)); }

function isDark(root) {
  const colour = getComputedStyle(root.querySelector(".bar")).color.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0];
  return colour[0] + colour[1] + colour[2] > 384; // light words mean a dark page
}
