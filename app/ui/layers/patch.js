// The patch in its place on a map: both dates, how opaque they are, the line between them, and the outlines found on it.

globalThis.scarpPatch = class {
  constructor(owner) {
    Object.assign(this, { owner, map: owner.map, over: [], pictures: [], outlines: [] });
    const [bar, tag] = this.parts = ["patch", "tag"].map((name) => owner.part("div", name));
    bar.innerHTML = `<span role="radiogroup" aria-label="Picture of the patch">${[["t1", "T1"], ["t2", "T2"], ["swipe", "Swipe"], ["frame", "Frame only"]]
      .map(([mode, title]) => `<button type="button" role="radio" data-mode="${mode}">${title}</button>`).join("")}</span>
      <label class="border">Border <input type="range"></label><label class="opacity">Opacity <input type="range"></label>
      <button type="button" class="fit">To the patch</button>`;
    Object.assign(this, { bar, tag, $: (query) => bar.querySelector(query) });
    const set = (name, value) => { owner.kept[name] = value; this.paint(); };
    this.$("[role=radiogroup]").onclick = ({ target }) => target.dataset.mode && set("mode", target.dataset.mode);
    for (const name of ["border", "opacity"]) this.$(`.${name} input`).oninput = ({ target }) => set(name, target.value / 100);
    this.$(".fit").onclick = () => this.map.fitBounds(owner.corners(this.patch.bbox), { padding: [20, 20] });
    this.map.on("overlayadd overlayremove", ({ name, type }) => { owner.kept.off[name] = type === "overlayremove"; this.paint(); });
    this.map.on("mousedown", (event) => { if (this.atEdge(event)) { this.sliding = true; this.map.dragging.disable(); } });
    this.map.on("mousemove", (event) => { if (this.sliding) this.slide(event); });
    document.addEventListener("mouseup", () => { if (this.sliding) { this.map.dragging.enable(); setTimeout(() => { this.sliding = false; }); } });
  }

  update({ patch, outlines }) {
    const before = JSON.stringify([this.patch, this.found]);
    Object.assign(this, { patch, found: outlines });
    if (before !== JSON.stringify([patch, outlines])) { this.place(); this.outline(); }
    this.paint();
  }

  place() {
    for (const layer of this.over) layer.remove();
    const { patch, owner } = this, box = patch && owner.corners(patch.bbox);
    this.pictures = (patch?.pictures ?? []).map((one) => L.imageOverlay(owner.address(one.src), box, { pane: "patch", alt: one.label, className: "crisp" }));
    this.edge = L.polyline([], { pane: "patch", color: "#fff", weight: 2, interactive: false });
    const frame = patch && L.rectangle(box, { pane: "patch", color: owner.chosen, weight: 2, fill: false, interactive: false });
    this.over = patch ? [...this.pictures, frame, this.edge] : [];
    for (const layer of this.over) layer.addTo(this.map);
    this.shade(patch?.shade, box);
  }

  shade(shade, box) { // the ground's shape under the dates: seen where these are off, or let it through
    const { owner } = this;
    if (this.shaded) { owner.switches.removeLayer(this.shaded); this.shaded.remove(); }
    this.shaded = shade && L.imageOverlay(owner.address(shade.src), box, { pane: "shade", alt: shade.label });
    if (!shade) return;
    owner.switches.addOverlay(this.shaded, "Hillshade");
    if (!owner.kept.off.Hillshade) this.shaded.addTo(this.map);
  }

  outline() { // a switch each; their names are Scarp's own: the control of layers takes them for markup
    const { owner } = this;
    for (const layer of this.outlines) { owner.switches.removeLayer(layer); layer.remove(); }
    this.outlines = this.found.map(({ name, colour, src }) => {
      const layer = L.geoJSON(null, { style: { color: colour, weight: 2, fillOpacity: 0.12 }, pane: "found", interactive: false });
      owner.read(src).then((text) => layer.addData(owner.parsed(text)), () => owner.say(`${name} did not load from this server.`));
      owner.switches.addOverlay(layer, name);
      return owner.kept.off[name] ? layer : layer.addTo(this.map);
    });
    owner.explain(this.found);
  }

  paint() {
    const { patch, owner: { kept } } = this, has = this.pictures.length > 0, { mode } = kept;
    this.bar.hidden = !patch;
    for (const name of ["[role=radiogroup]", ".opacity"]) this.$(name).hidden = !has;
    this.$(".border").hidden = !has || mode !== "swipe";
    for (const name of ["border", "opacity"]) this.$(`.${name} input`).value = kept[name] * 100;
    for (const one of this.bar.querySelectorAll("[data-mode]")) one.setAttribute("aria-checked", one.dataset.mode === mode);
    const shade = mode === "frame" && this.shaded && this.map.hasLayer(this.shaded) ? patch.shade.label : "";
    this.tag.hidden = !has || (mode === "frame" && !shade);
    if (!has) return;
    const { pictures: [first, second], bbox: [, south, , north] } = patch, swipe = mode === "swipe";
    this.tag.textContent = shade || (swipe ? `${first.label}  |  ${second.label}` : (mode === "t1" ? first : second).label);
    for (const [n, layer] of this.pictures.entries()) layer.setOpacity(swipe || mode === `t${n + 1}` ? kept.opacity : 0);
    this.pictures[1].getElement().style.clipPath = swipe ? `inset(0 0 0 ${kept.border * 100}%)` : "none";
    this.edge.setLatLngs(swipe ? [[south, this.edgeAt()], [north, this.edgeAt()]] : []);
  }

  edgeAt() {
    const [west, , east] = this.patch.bbox;
    return west + this.owner.kept.border * (east - west);
  }

  atEdge({ latlng: { lat, lng } }) { // whether a pointer is on the line between the dates
    if (!this.pictures.length || this.owner.kept.mode !== "swipe") return false;
    const [, south, , north] = this.patch.bbox, x = (at) => this.map.latLngToContainerPoint([lat, at]).x;
    return lat >= south && lat <= north && Math.abs(x(lng) - x(this.edgeAt())) <= 8;
  }

  slide({ latlng }) {
    const [west, , east] = this.patch.bbox;
    this.owner.kept.border = Math.min(1, Math.max(0, (latlng.lng - west) / (east - west)));
    this.paint();
  }
};
