// What Scarp adds to folium's map: events, the patch in its place, and what a reader does with them. It comes before
// Leaflet, so that a script that does not come is a sentence. Words of an inventory are set as text, never as markup.

const CHOSEN = "#b4532a";
const LEGEND = `<summary>Legend</summary><i style="--c:#2f7da1"></i> event <i style="--c:#c69a2d"></i> with a warning
<i style="--c:${CHOSEN}"></i> the chosen one <b></b><span class="judged" hidden><br>reviewed: <i style="--c:#2e8b57"></i> confirmed
<i style="--c:#8c2d5a"></i> not usable <i style="--c:#7a6fb0"></i> uncertain or apart</span><span class="batch" hidden><br>batch: <i
style="--c:#1b9e77"></i> done <i style="--c:#9aa0a6"></i> skipped <i style="--c:#d62728"></i> failed</span>`;
// the reader's, and what was read once: it outlives the page that shows it, in the window around it where there is one
const home = (() => { try { return window.parent.JSON ? window.parent : window; } catch { return window; } })();
const kept = (home.scarpMaps ??= home.JSON.parse('{"lists":[],"views":{},"off":{},"mode":"t2","opacity":1,"border":0.5,"ground":""}'));

for (const kind of ["error", "unhandledrejection"]) {
  addEventListener(kind, () => {
    if (globalThis.scarp?.state || document.querySelector(".word")) return;
    const text = "The map's files did not load from this server, so it cannot be drawn. Use the table.";
    document.body.prepend(Object.assign(document.createElement("p"), { className: "word", textContent: text }));
    globalThis.Streamlit?.setFrameHeight(80);
  });
}

globalThis.scarpMap = class {
  constructor(map, switches, grounds, world) {
    Object.assign(this, { map, switches, grounds, kept, chosen: CHOSEN, list: { x: [], y: [], text: [], doubt: new Set() } });
    this.box = map.getContainer();
    Object.assign(globalThis.__GLOBAL_DATA__ ?? {}, { last_object_clicked_count: null }); // 0 would be news: the page would run again
    [this.word, this.at, this.legend] = [["p", "word"], ["div", "at"], ["details", "legend"]].map(([kind, name]) => this.part(kind, name));
    Object.assign(this.word, { hidden: true }).setAttribute("role", "status");
    this.legend.innerHTML = LEGEND;
    map.setMinZoom(0).setMaxZoom(19).attributionControl?.setPrefix(false);
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
    for (const [name, level] of [["land", 210], ["shade", 290], ["patch", 300], ["areas", 410], ["found", 420], ["dots", 450], ["chosen", 460]]) {
      Object.assign(map.createPane(name).style, { zIndex: level, pointerEvents: "none" }); // a canvas that hears drops moves
    }
    const style = () => ({ color: this.dark ? "#6f7880" : "#8a8f94", weight: 0.8, fillColor: this.dark ? "#343b42" : "#e7e2d8", fillOpacity: kept.ground ? 0 : 1 });
    this.land = L.geoJSON(null, { style, pane: "land", interactive: false, renderer: L.canvas({ pane: "land", padding: 0.3 }), attribution: "Outline: Natural Earth" }).addTo(map);
    this.small = L.geoJSON(null, { style: { ...style(), fillOpacity: 1 }, interactive: false });
    this.tip = L.tooltip({ direction: "top", offset: [0, -6] });
    [this.dots, this.areas, this.patch] = [new (globalThis.scarpDots())(this), new (globalThis.scarpAreas())(this), new globalThis.scarpPatch(this)];
    this.listen();
    this.outline(world).catch(() => this.say("The outline of the world did not load."));
  }

  part(kind, className) {
    const made = this.box.appendChild(Object.assign(document.createElement(kind), { className }));
    L.DomEvent.disableClickPropagation(made).disableScrollPropagation(made);
    return made;
  }

  say(sentence) { Object.assign(this.word, { textContent: sentence, hidden: !sentence }); }

  explain(outlines = this.patch.found ?? []) {
    this.legend.querySelector("b").replaceChildren(...[...(this.areas.areas ? [this.areas] : []), ...outlines].flatMap(({ name, colour }) => [Object.assign(document.createElement("i"), { style: `--c:${colour}` }), ` ${name} `]));
  }

  async outline(world) {
    this.land.addData(kept.world ??= this.parsed(await this.read(world)));
    this.box.addEventListener("click", ({ isTrusted, target }) => { // the small map is drawn when a reader opens it
      if (isTrusted && target.closest(".leaflet-control-minimap") && !this.small.getLayers().length) this.small.addData(kept.world);
    }, true);
  }

  address(place) { return place.startsWith("/") ? `../..${place}` : place; }

  async read(place) { return typeof place === "string" ? (await fetch(this.address(place))).text() : place; }

  parsed(text) { return typeof text === "string" ? home.JSON.parse(text) : text; }

  corners([west, south, east, north]) { return [[south, west], [north, east]]; }

  async update(state) { // what a rerun of the page brings
    this.state = state;
    this.shown = state.shown && bits(state.shown, state.count);
    const told = Object.keys(state.judged ?? {}), hides = (part, kinds) => { this.legend.querySelector(part).hidden = !told.some((one) => kinds.includes(one)); };
    hides(".judged", ["usable", "unusable", "open"]);
    hides(".batch", ["done", "skipped", "failed"]);
    for (const part of [this.areas, this.patch]) part.update(state);
    if (state.credit) this.map.attributionControl.addAttribution(state.credit);
    if (this.listed !== state.list) await this.fetch(state).catch(() => this.say("The events did not load from this server. Reload the page, or use the table."));
    if (this.state !== state) return; // a later one came meanwhile
    const before = this.done ?? {};
    this.done = state;
    if (before.view !== state.view) this.look();
    else if (before.chosen !== state.chosen) this.follow();
    this.paint();
  }

  async fetch({ list, events }) {
    let held = kept.lists.find(([name]) => name === list)?.[1];
    if (!held) {
      held = this.parsed(await this.read(events));
      const at = held.lat.map((lat, n) => L.CRS.EPSG3857.latLngToPoint(L.latLng(Math.max(-85.05, Math.min(85.05, lat)), held.lon[n]), 0));
      Object.assign(held, { x: home.Float64Array.from(at, (p) => p.x), y: home.Float64Array.from(at, (p) => p.y) });
      kept.lists = home.Array.of(home.Array.of(list, held), ...kept.lists.slice(0, 2));
    }
    if (list === this.state.list) Object.assign(this, { listed: list, list: { ...held, doubt: new Set(held.doubt) } });
  }

  look() {
    const left = kept.views[this.state.view], { extent, closest } = this.state;
    Object.assign(this, { fresh: !left }).map.setMaxBounds(null); // which would still be carrying the map inside while it gets its view
    if (left) this.map.setView(left.slice(0, 2), left[2], { animate: false });
    else if (extent) this.map.fitBounds(this.corners(extent), { paddingTopLeft: [60, 25], paddingBottomRight: [25, 25], maxZoom: closest, animate: false }); // beside the buttons
    else this.map.setView([20, 10], 1, { animate: false });
    this.map.setMaxBounds([[-89, -220], [89, 220]]);
  }

  follow() { // to an event chosen elsewhere, unless it is in sight
    const at = this.list.x[this.state.chosen] !== undefined && this.dots.where(this.state.chosen);
    if (!at || this.map.getBounds().contains(at)) return;
    Object.assign(this, { fresh: false }).map.panTo(at, { animate: false });
  }

  paint() {
    this.dark = isDark();
    this.box.classList.toggle("dark", this.dark);
    this.land.setStyle(this.land.options.style());
    this.ring?.remove();
    const { chosen } = this.state, open = this.patch.pictures.length > 0;
    this.ring = this.list.x[chosen] === undefined ? null : L.circleMarker(this.dots.where(chosen), { pane: "chosen", radius: 9, weight: 2, interactive: false,
      color: open ? CHOSEN : "#fff", fillColor: CHOSEN, fill: !open, fillOpacity: 1 }).addTo(this.map);
    for (const one of [this.areas, this.dots]) one.show();
  }

  listen() {
    const { map } = this;
    const full = Object.assign(document.createElement("button"), { type: "button", title: "Full screen", className: "full" });
    full.onclick = () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()).catch(() => this.say("This browser shows no full screen here."));
    L.DomEvent.disableClickPropagation(full);
    Object.assign(L.control({ position: "topleft" }), { onAdd: () => full }).addTo(map);
    for (const [name, layer] of Object.entries(this.grounds)) {
      layer.on("tileerror", () => this.say(`${name} does not answer: there is no connection, or it is refused here. Outline, events and patch need no network.`));
      layer.on("tileload", () => this.say(""));
      if (layer.getAttribution?.() ? kept.ground === name : !kept.ground) layer.addTo(map); else layer.remove();
    }
    map.on("baselayerchange", ({ name, layer }) => { this.say(""); kept.ground = layer.getAttribution?.() ? name : ""; this.paint(); });
    map.on("moveend", () => { const { lat, lng } = map.getCenter(); if (this.done && !this.fresh) kept.views[this.done.view] = home.Array.of(lat, lng, map.getZoom()); }); // of what is looked at, not of what is still fetched
    for (const kind of ["pointerdown", "wheel", "keydown"]) this.box.addEventListener(kind, ({ target }) => { if (target !== full) this.fresh = false; }, { capture: true, passive: true });
    // a frame that grows: what was fitted into less, or into a closed tab, is fitted again
    map.on("resize", () => { if (this.state && this.fresh) this.look(); });
    map.on("mousemove", (event) => this.point(event));
    map.on("mouseout", () => { this.at.textContent = ""; this.tip.remove(); });
    map.on("draw:drawstart draw:drawstop", ({ type }) => { this.drawing = type === "draw:drawstart"; if (this.drawing) this.line?.remove(); });
    map.on("draw:created", (event) => this.made(event));
    map.on("click", ({ containerPoint, latlng }) => {
      const n = this.patch.sliding || this.drawing ? null : this.dots.near(containerPoint);
      if (n === null) return;
      this.state.chosen = n;
      this.paint();
      this.tell({ n, list: this.state.list }, latlng);
    });
    map.on("contextmenu", ({ latlng }) => { if (this.state?.placing) this.tell({ place: true }, latlng.wrap()); });
    addEventListener("keydown", ({ key, code, target }) => { // the page's own keys reach it from the map too
      if (/^[np]$/i.test(key) && !target.closest("input")) home.document.body.dispatchEvent(new home.KeyboardEvent("keydown", { key, code, bubbles: true }));
    });
    globalThis.Streamlit?.events.addEventListener("streamlit:render", () => { if (this.state && isDark() !== this.dark) this.paint(); });
  }

  tell(properties, { lat, lng }) { // streamlit-folium sends what a clicked layer says it is
    this.dots.fire("click", { latlng: { lat, lng }, layer: { toGeoJSON: () => ({ type: "Feature", properties, geometry: { type: "Point", coordinates: [lng, lat] } }) } });
  }

  made({ layer, layerType }) { // a line only measures; box and polygon go to the page
    layer.feature = { type: "Feature", properties: { drawn: layerType } };
    if (layerType !== "polyline") return setTimeout(() => layer.remove());
    const length = layer.getLatLngs().reduce((sum, at, n, all) => sum + (n && this.map.distance(all[n - 1], at)), 0);
    this.line = layer;
    return this.say(`Length ${length < 1000 ? `${length.toFixed(0)} m` : `${(length / 1000).toFixed(2)} km`}`);
  }

  point(event) {
    const { lat, lng } = event.latlng.wrap(), digits = this.map.getZoom() > 9 ? 5 : 2, n = this.dots.near(event.containerPoint);
    this.at.textContent = `${lat.toFixed(digits)}°, ${lng.toFixed(digits)}°`;
    this.box.classList.toggle("pointing", n !== null);
    this.box.classList.toggle("sliding", this.patch.atEdge(event));
    if (n === null || this.drawing) return this.tip.remove();
    return this.tip.setLatLng(this.dots.where(n)).setContent(Object.assign(document.createElement("span"), { textContent: this.list.text[n] })).addTo(this.map);
  }
};

function bits(text, count) { // one bit an event, lowest first
  const packed = atob(text);
  return Uint8Array.from({ length: count }, (_, n) => (packed.charCodeAt(n >> 3) >> (n & 7)) & 1);
}

function isDark() { // light words mean a dark page
  const [r, g, b] = getComputedStyle(document.body).color.match(/[\d.]+/g).map(Number);
  return r + g + b > 384;
}
