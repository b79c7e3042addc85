// Two pictures of one place under one zoom and pan, with coloured overlays.
// Everything visible follows from `view` and `data`; draw() is the only writer of styles.

const MODES = [["side", "Side by side"], ["swipe", "Swipe"], ["blink", "Blink"], ["opacity", "Opacity"]];
const MAX_ZOOM = 64, BLINK_MS = 700, CLICK_PX = 4;
const VIEWS = new Map(); // one view a patch, kept while the page is open
const MOUNTED = new WeakMap(); // what an earlier run of the script left attached

export default function ({ parentElement: root, data, setTriggerValue, setStateValue }) {
  MOUNTED.get(root)?.();
  const $ = (q) => root.querySelector(q), all = (q) => [...root.querySelectorAll(q)];
  const stage = $(".stage"), divider = $(".divider"), panes = all(".pane"), worlds = all(".world");
  const view = viewOf(data);
  const stop = new AbortController(), on = (target, kind, act, more) =>
    target.addEventListener(kind, act, { signal: stop.signal, ...more });
  let blinking = null;

  fill();
  listen();
  const watch = new ResizeObserver(draw);
  watch.observe(stage.parentElement);
  setMode(view.mode, false);
  const leave = () => { stop.abort(); watch.disconnect(); clearInterval(blinking); };
  MOUNTED.set(root, leave);
  return leave;

  // --- contents -------------------------------------------------------------------------

  function fill() {
    $(".modes").replaceChildren(...MODES.map(([mode, title]) => button(title, { role: "radio" }, { mode })));
    $(".layers").replaceChildren(...data.layers.map((layer) => {
      const b = button(layer.title, {}, { layer: layer.id });
      b.style.setProperty("--swatch", layer.colour);
      if (!(layer.id in view.layers)) view.layers[layer.id] = layer.on;
      return b;
    }));
    worlds.forEach((world, index) => {
      const pane = data.panes[index];
      const overlays = data.layers.filter((layer) => layer.pane == null || layer.pane === index).map(overlay);
      world.replaceChildren(image(pane.src, pane.alt), ...overlays);
      panes[index].querySelector(".tag").textContent = pane.label;
    });
    $(".fade").hidden = !data.layers.length;
    $(".simulated").hidden = !data.simulated;
  }

  function overlay(layer) {
    const img = image(layer.src, "");
    img.className = "overlay";
    img.dataset.layer = layer.id;
    return img;
  }

  function image(src, alt) {
    const img = new Image();
    img.src = src; img.alt = alt; img.draggable = false;
    return img;
  }

  function button(title, attributes, dataset) {
    const b = document.createElement("button");
    b.type = "button"; b.textContent = title;
    for (const [name, value] of Object.entries(attributes)) b.setAttribute(name, value);
    Object.assign(b.dataset, dataset);
    return b;
  }

  // --- geometry: everything in CSS pixels of one pane -----------------------------------

  function layout() {
    const side = view.mode === "side", width = stage.clientWidth / (side ? 2 : 1);
    const groundW = data.width * data.ground[0], groundH = data.height * data.ground[1];
    const room = Math.max(240, window.innerHeight * 0.7);
    const height = Math.min(room, width * groundH / groundW);
    const fit = Math.min(width / groundW, height / groundH); // CSS pixels a metre at zoom 1
    return { side, width, height, fit, pictureW: groundW * fit, pictureH: groundH * fit };
  }

  function clamp(offset, picture, room) {
    return picture <= room ? (room - picture) / 2 : Math.min(0, Math.max(offset, room - picture));
  }

  function at(event) { // where a pointer is, in its pane
    const box = stage.getBoundingClientRect(), { side, width } = layout();
    const x = event.clientX - box.left;
    return { x: side ? x % width : x, y: event.clientY - box.top };
  }

  function pixel(event) {
    const l = layout(), p = at(event), zoomed = l.fit * view.zoom;
    const column = Math.floor((p.x - view.x) / (zoomed * data.ground[0]));
    const row = Math.floor((p.y - view.y) / (zoomed * data.ground[1]));
    return column >= 0 && row >= 0 && column < data.width && row < data.height ? { column, row } : null;
  }

  function zoomTo(zoom, x, y) {
    zoom = Math.min(MAX_ZOOM, Math.max(1, zoom));
    view.x = x - (x - view.x) * zoom / view.zoom;
    view.y = y - (y - view.y) * zoom / view.zoom;
    view.zoom = zoom;
    draw();
  }

  // --- drawing --------------------------------------------------------------------------

  function draw() {
    const l = layout();
    stage.style.height = `${l.height}px`;
    view.x = clamp(view.x, l.pictureW * view.zoom, l.width);
    view.y = clamp(view.y, l.pictureH * view.zoom, l.height);
    stage.classList.toggle("crisp", l.fit * view.zoom * data.ground[0] >= 1);
    for (const world of worlds) {
      world.style.width = `${l.pictureW}px`;
      world.style.height = `${l.pictureH}px`;
      world.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.zoom})`;
    }
    drawPanes(l);
    drawTags(l);
    drawControls();
    drawScale(l);
  }

  function drawTags(l) { // on the picture, not on the margin beside it
    const left = Math.max(0, view.x) + 8, right = Math.max(0, l.width - view.x - l.pictureW * view.zoom) + 8;
    panes[0].querySelector(".tag").style.left = `${left}px`;
    panes[1].querySelector(".tag").style.right = `${right}px`;
    $(".readout").style.left = `${left}px`;
    $(".north").style.right = `${right}px`;
    for (const tag of all(".tag")) tag.style.maxWidth = `${(l.side ? 1 : 0.42) * (l.width - left - right)}px`;
  }

  function drawPanes(l) {
    const [before, after] = panes;
    before.style.right = l.side ? "50%" : "0";
    after.style.left = l.side ? "50%" : "0";
    after.style.clipPath = view.mode === "swipe" ? `inset(0 0 0 ${view.swipe * 100}%)` : "none";
    after.style.opacity = view.mode === "opacity" ? view.blend : 1;
    after.style.visibility = (view.mode === "blink" && view.showsFirst) ? "hidden" : "visible";
    before.querySelector(".tag").style.visibility = view.mode === "blink" && !view.showsFirst ? "hidden" : "visible";
    divider.style.display = view.mode === "swipe" ? "block" : "none";
    divider.style.left = `${view.swipe * 100}%`;
    divider.setAttribute("aria-valuenow", Math.round(view.swipe * 100));
    for (const img of all(".overlay")) {
      img.style.display = view.layers[img.dataset.layer] ? "block" : "none";
      img.style.opacity = view.fade;
    }
  }

  function drawControls() {
    for (const b of all(".modes button")) b.setAttribute("aria-checked", b.dataset.mode === view.mode);
    for (const b of all(".layers button")) b.setAttribute("aria-pressed", Boolean(view.layers[b.dataset.layer]));
    $(".blend").style.display = view.mode === "opacity" ? "" : "none";
    $(".blend input").value = view.blend * 100;
    $(".fade input").value = view.fade * 100;
  }

  function drawScale(l) {
    const perPixel = 1 / (l.fit * view.zoom), longest = Math.min(160, l.width / 4) * perPixel;
    const power = 10 ** Math.floor(Math.log10(longest));
    const metres = [5, 2, 1].map((n) => n * power).find((n) => n <= longest);
    $(".scale").firstChild.nodeType === 3 && $(".scale").firstChild.remove();
    $(".scale").prepend(metres >= 1000 ? `${metres / 1000} km` : `${metres} m`);
    $(".scale span").style.width = `${metres / perPixel}px`;
  }

  function setMode(mode, tell = true) {
    view.mode = mode;
    clearInterval(blinking);
    if (mode === "blink") blinking = setInterval(swap, BLINK_MS);
    draw();
    if (tell) setStateValue("mode", mode);
  }

  function swap() { view.showsFirst = !view.showsFirst; draw(); }

  function readout(event) {
    const p = pixel(event);
    if (!p) { $(".readout").textContent = ""; return; }
    const x = data.origin[0] + (p.column + 0.5) * data.step[0], y = data.origin[1] - (p.row + 0.5) * data.step[1];
    const digits = data.geographic ? 5 : 0;
    const place = data.geographic ? `${y.toFixed(digits)}°, ${x.toFixed(digits)}°` : `${x.toFixed(digits)} E, ${y.toFixed(digits)} N`;
    $(".readout").textContent = `${place} · column ${p.column}, row ${p.row}`;
  }

  // --- listening ------------------------------------------------------------------------

  function listen() {
    on($(".modes"), "click", (e) => e.target.dataset.mode && setMode(e.target.dataset.mode));
    on($(".layers"), "click", (e) => {
      const id = e.target.dataset.layer;
      if (id) { view.layers[id] = !view.layers[id]; draw(); }
    });
    on($(".blend input"), "input", (e) => { view.blend = e.target.value / 100; draw(); });
    on($(".fade input"), "input", (e) => { view.fade = e.target.value / 100; draw(); });
    on($(".zoom"), "click", (e) => zoomKey(e.target.dataset.zoom));
    on(stage, "keydown", key);
    on(divider, "keydown", dividerKey);
    on(stage, "wheel", (e) => {
      e.preventDefault();
      const p = at(e);
      zoomTo(view.zoom * Math.exp(-Math.sign(e.deltaY) * 0.22), p.x, p.y);
    }, { passive: false });
    listenToPointers();
  }

  function listenToPointers() {
    const pointers = new Map();
    let moved = 0, swiping = false, spread = 0;
    on(stage, "pointerdown", (e) => {
      stage.setPointerCapture(e.pointerId);
      pointers.set(e.pointerId, e);
      if (pointers.size === 1) { moved = 0; swiping = e.target === divider; }
      if (pointers.size === 2) spread = distance(pointers);
      stage.classList.add("dragging");
    });
    on(stage, "pointermove", (e) => {
      const last = pointers.get(e.pointerId);
      if (!last) return readout(e);
      pointers.set(e.pointerId, e);
      moved += Math.hypot(e.clientX - last.clientX, e.clientY - last.clientY);
      if (pointers.size === 2) return pinch();
      if (swiping) setSwipe((e.clientX - stage.getBoundingClientRect().left) / stage.clientWidth);
      else { view.x += e.clientX - last.clientX; view.y += e.clientY - last.clientY; draw(); }
    });
    for (const kind of ["pointerup", "pointercancel"]) on(stage, kind, (e) => {
      const single = pointers.size === 1;
      pointers.delete(e.pointerId);
      if (!pointers.size) stage.classList.remove("dragging");
      if (kind === "pointerup" && single && !swiping && moved < CLICK_PX) pick(e);
    });
    on(stage, "pointerleave", () => { $(".readout").textContent = ""; });

    function pinch() {
      const now = distance(pointers), [a, b] = [...pointers.values()].map(at);
      if (spread > 0) zoomTo(view.zoom * now / spread, (a.x + b.x) / 2, (a.y + b.y) / 2);
      spread = now;
    }
  }

  function distance(pointers) {
    const [a, b] = [...pointers.values()];
    return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  }

  function pick(event) {
    const p = pixel(event);
    if (p) setTriggerValue("pick", p);
  }

  function setSwipe(share) { view.swipe = Math.min(1, Math.max(0, share)); draw(); }

  function zoomKey(way) {
    const l = layout();
    if (way === "fit") { view.zoom = 1; view.x = view.y = 0; draw(); }
    if (way === "in") zoomTo(view.zoom * 1.5, l.width / 2, l.height / 2);
    if (way === "out") zoomTo(view.zoom / 1.5, l.width / 2, l.height / 2);
  }

  function key(event) {
    const step = 40, moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (moves[event.key]) { view.x += moves[event.key][0]; view.y += moves[event.key][1]; draw(); }
    else if (event.key === "+" || event.key === "=") zoomKey("in");
    else if (event.key === "-") zoomKey("out");
    else if (event.key === "0") zoomKey("fit");
    else if (MODES[event.key - 1]) setMode(MODES[event.key - 1][0]);
    else if (event.key === " ") { if (view.mode !== "blink") setMode("blink"); clearInterval(blinking); swap(); }
    else return;
    event.preventDefault();
  }

  function dividerKey(event) {
    const move = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.1, PageUp: 0.1, Home: -1, End: 1 }[event.key];
    if (move === undefined) return;
    setSwipe(view.swipe + move);
    event.preventDefault();
    event.stopPropagation();
  }
}

function viewOf(data) {
  if (!VIEWS.has(data.key)) {
    VIEWS.set(data.key, { mode: data.mode, zoom: 1, x: 0, y: 0, swipe: 0.5, blend: 0.5, fade: 0.75, showsFirst: false, layers: {} });
  }
  return VIEWS.get(data.key);
}
