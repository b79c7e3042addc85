// Pictures of one place under one zoom and pan, with layers over them and shapes drawn on them.
// The page's script runs again at every choice of the reader; the viewer stays and takes over what is new.
// refresh() writes every style that follows from a choice; move() writes transforms and nothing dearer.

const CLICK_PX = 4, PAN_PX = 40;

export default function ({ parentElement: root, data, setTriggerValue, setStateValue }) {
  let v = MOUNTED.get(root);
  if (!v || !v.stage.isConnected) {
    v?.leave();
    v = mount(root, data);
    MOUNTED.set(root, v);
  }
  v.setState = setStateValue;
  v.setTrigger = setTriggerValue;
  update(v, data);
  return v.leave;
}

function mount(root, data) {
  const stop = new AbortController(), $ = (query) => root.querySelector(query), all = (query) => [...root.querySelectorAll(query)];
  const on = (target, kind, act, more) => target.addEventListener(kind, act, { signal: stop.signal, ...more });
  const v = { root, data, $, all, on, box: $(".viewer"), bar: $(".bar"), stage: $(".stage"), divider: $(".divider"), cells: [], tool: "move", draft: null, cursor: null };
  const watch = new ResizeObserver(() => v.l && v.box.clientWidth && refresh(v)); // no width: hidden while another page part loads
  v.leave = () => {
    stop.abort();
    watch.disconnect();
    for (const timer of [v.blinking, v.settling, v.telling, v.tellingShapes]) clearTimeout(timer);
    MOUNTED.delete(root);
  };
  buildControls(v);
  listenToControls(v);
  listenToStage(v);
  watch.observe(v.box);
  return v;
}

function update(v, data) {
  v.told ??= JSON.stringify(data.choice);
  if (ASKED && data.linked) data = { ...data, choice: asked(data) };
  CHOICE ??= readChoice(data);
  Object.assign(v, { data, choice: CHOICE, place: placeOf(data), drawn: drawnOf(data) });
  fillLayers(v);
  refill(v);
  setMode(v, v.choice.mode, false);
  drawShapes(v);
  if (v.drawn.unsent) tellShapes(v, TELL_MS); // the page was left before its server heard of them
  writeAddress(v, choiceTexts(v));
}

// --- what follows from a choice ----------------------------------------------------------

function refresh(v) {
  measure(v);
  const { l, choice, data, stage } = v;
  stage.style.height = `${l.stageH}px`;
  stage.dataset.shows = choice.mode;
  v.cells.forEach((cell, n) => {
    const box = cellBox(v, n), place = { left: `${box.left}px`, top: `${box.top}px`, width: `${l.width}px`, height: `${l.height}px` };
    Object.assign(cell.box.style, place);
    Object.assign(cell.frame.style, place);
    Object.assign(cell.world.style, { width: `${l.pictureW}px`, height: `${l.pictureH}px` });
    drawLayers(v, cell);
  });
  drawStack(v);
  drawControls(v);
  v.drawnZoom = v.tagged = null;
  move(v);
  stage.classList.toggle("drawing", v.tool !== "move");
  letScroll(v);
  stage.setAttribute("aria-label", `${data.about} Question mark lists the keys.`);
}

function drawStack(v) { // the second picture over the first one: cut, see-through or by turns
  const { choice, cells, divider } = v, stacked = v.l.columns === 1, second = cells[1];
  second.box.style.clipPath = choice.mode === "swipe" ? `inset(0 0 0 ${choice.swipe * 100}%)` : "none";
  second.box.style.opacity = choice.mode === "opacity" ? choice.blend : 1;
  second.box.style.visibility = choice.mode === "blink" && v.showsFirst ? "hidden" : "visible";
  cells[0].tag.style.visibility = choice.mode === "blink" && !v.showsFirst ? "hidden" : "visible";
  second.tag.style.visibility = choice.mode === "blink" && v.showsFirst ? "hidden" : "visible";
  second.stamp.hidden = stacked || !v.data.simulated;
  divider.hidden = choice.mode !== "swipe";
  divider.style.left = `${choice.swipe * 100}%`;
  divider.setAttribute("aria-valuenow", Math.round(choice.swipe * 100));
}

function drawLayers(v, cell) {
  const flat = v.choice.style === "fill";
  for (const layer of cell.shown) {
    const img = cell.images.get(`${layer.id} ${layer.src}`);
    if (!img) continue;
    const opacity = flat || layer.picture ? shownOpacity(v, cell, layer) : 0;
    img.style.display = opacity ? "block" : "none";
    img.style.opacity = opacity / 100;
  }
  cell.drawn.style.opacity = shownOpacity(v, cell, SHAPES_LAYER) / 100;
  cell.waiting.textContent = emptyWords(v, cell);
}

function move(v) {
  const { place, l, data } = v, at = (v.at = settlePlace(v));
  const transform = `translate(${at.x}px, ${at.y}px) scale(${place.zoom})`, zoomed = v.drawnZoom !== place.zoom;
  for (const cell of v.cells) {
    cell.world.style.transform = transform;
    if (zoomed) cell.drawn.style.setProperty("--u", 1 / (l.fit * place.zoom)); // metres a CSS pixel
    const marked = cell.marked;
    if (!marked) continue;
    const k = place.zoom / marked.zoom;
    cell.marks.style.transform = `translate(${at.x - marked.x * k}px, ${at.y - marked.y * k}px) scale(${k})`;
  }
  if (zoomed) {
    v.drawnZoom = place.zoom;
    letScroll(v);
    v.stage.classList.toggle("crisp", l.fit * place.zoom * data.ground[0] >= 1);
    drawScale(v);
    if (v.drawn.selected >= 0) drawShapes(v); // which edges have a handle in their middle
  }
  drawCross(v);
  drawTags(v);
  v.stage.classList.add("moving");
  later(v);
}

function letScroll(v) { // a finger moves the page where it has nothing to move in the picture
  v.stage.classList.toggle("scrolls", v.tool === "move" && v.place.zoom <= 1);
}

function drawTags(v) { // on the picture, not on the margin beside it
  const { l, at, place, cells, $ } = v;
  const left = Math.round(Math.max(0, at.x)) + 8, right = Math.round(Math.max(0, l.width - at.x - l.pictureW * place.zoom)) + 8;
  if (v.tagged === `${left} ${right}`) return;
  v.tagged = `${left} ${right}`;
  const stacked = l.columns === 1, room = l.width - left - right;
  cells.forEach((cell, n) => {
    Object.assign(cell.tag.style, stacked && n ? { right: `${right}px`, left: "auto" } : { left: `${left}px`, right: "auto" });
    cell.tag.style.maxWidth = `${(stacked ? 0.46 : 1) * room}px`;
  });
  $(".readout").style.left = `${left}px`;
  $(".north").style.right = `${right}px`;
}

function drawScale(v) {
  const { l, place, $ } = v, perPixel = 1 / (l.fit * place.zoom), longest = Math.min(160, l.width / 4) * perPixel;
  if (!(longest > 0)) return; // hidden while another part of the page loads
  const power = 10 ** Math.floor(Math.log10(longest)), metres = [5, 2, 1].map((n) => n * power).find((n) => n <= longest);
  $(".scale b").textContent = metres >= 1000 ? `${metres / 1000} km` : `${Number(metres.toPrecision(2))} m`;
  $(".scale span").style.width = `${metres / perPixel}px`;
}

function drawCross(v) { // where the keyboard points: the middle, or wherever the arrows took it while drawing
  const { l, place, at, data } = v, [column, row] = v.cursor ?? [place.column, place.row];
  const x = at.x + column / data.width * l.pictureW * place.zoom, y = at.y + row / data.height * l.pictureH * place.zoom;
  v.$(".cross").style.transform = `translate(${x}px, ${y}px)`;
}

// --- modes -------------------------------------------------------------------------------

function setMode(v, mode, tell = true) {
  const cells = cellCount(v);
  v.choice.mode = mode;
  if (tell) v.paused = false;
  if (tell && cells !== cellCount(v)) { refill(v); drawShapes(v); }
  const still = blink(v);
  refresh(v);
  if (!tell) return;
  settle(v);
  const title = MODES.find(([name]) => name === mode)[1];
  say(v, mode === "blink" && still ? "Blink: your system asks for less motion, so space swaps the pictures." : title);
}

function blink(v) { // or stop; returns whether the reader's system asks for less motion
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  clearInterval(v.blinking);
  if (v.choice.mode === "blink" && !still && !v.paused) v.blinking = setInterval(() => swap(v), v.choice.pace * 1000);
  return still;
}

function setPace(v, seconds) {
  v.choice.pace = seconds;
  v.paused = false;
  blink(v);
  drawControls(v);
  later(v);
}

function swap(v) {
  v.showsFirst = !v.showsFirst;
  drawStack(v);
}

function swapByHand(v) {
  if (v.choice.mode !== "blink") setMode(v, "blink");
  clearInterval(v.blinking);
  v.paused = true;
  swap(v);
  say(v, v.cells[v.showsFirst ? 0 : 1].words.textContent);
}

function setStyle(v, style) {
  v.choice.style = style;
  refresh(v);
  settle(v);
  say(v, `Masks ${STYLES.find(([name]) => name === style)[1].toLowerCase()}`);
}

function setSwipe(v, share) {
  v.choice.swipe = Math.round(between(share, 0, 1) * 100) / 100; // as the link writes it
  drawStack(v);
  later(v);
}

// --- listening to the stage --------------------------------------------------------------

function listenToStage(v) {
  const { stage, on } = v;
  on(stage, "keydown", (e) => key(v, e));
  on(v.divider, "keydown", (e) => dividerKey(v, e));
  on(stage, "wheel", (e) => {
    e.preventDefault();
    zoomTo(v, v.place.zoom * Math.exp(-Math.sign(e.deltaY) * 0.22), inCell(v, e));
  }, { passive: false });
  on(stage, "touchmove", (e) => { if (e.touches.length > 1 && e.cancelable) e.preventDefault(); }, { passive: false });
  on(stage, "dblclick", (e) => e.preventDefault());
  on(stage, "pointerleave", () => { v.$(".readout").textContent = ""; });
  listenToPointers(v);
}

function listenToPointers(v) {
  const { stage, on } = v, pointers = new Map();
  let moved = 0, doing = "", spread = 0;
  on(stage, "pointerdown", (e) => {
    if (e.target.closest(".tag")) return;
    if (e.pointerType === "touch") tellTouch(v);
    stage.setPointerCapture(e.pointerId);
    pointers.set(e.pointerId, e);
    if (pointers.size === 1) [moved, doing] = [0, begin(v, e)];
    if (pointers.size === 2) {
      if (doing === "box") v.draft = null;
      if (doing === "corner") letGo(v);
      [spread, doing] = [distance(pointers), "pinch"];
    }
    stage.classList.add("dragging");
  });
  on(stage, "pointermove", (e) => {
    const last = pointers.get(e.pointerId);
    if (!last) return hover(v, e);
    pointers.set(e.pointerId, e);
    moved += Math.hypot(e.clientX - last.clientX, e.clientY - last.clientY);
    if (pointers.size === 2) pinch();
    else if (doing === "swipe") setSwipe(v, inCell(v, e).stageX / stage.clientWidth);
    else if (doing === "box" && v.draft) { v.draft.points[1] = toPatch(v, inCell(v, e)); drawShapes(v); readout(v, e); }
    else if (doing === "corner") { dragCorner(v, e.clientX - last.clientX, e.clientY - last.clientY); readout(v, e); }
    else if (doing === "pan") pan(v, e.clientX - last.clientX, e.clientY - last.clientY);
  });
  for (const kind of ["pointerup", "pointercancel"]) on(stage, kind, (e) => {
    if (!pointers.delete(e.pointerId)) return;
    if (pointers.size) { doing = "pan"; moved = CLICK_PX; return; }
    stage.classList.remove("dragging");
    if (kind === "pointercancel" && doing === "box") v.draft = null;
    else if (kind === "pointercancel" && doing === "corner") letGo(v);
    else if (kind === "pointercancel") return;
    else if (doing === "corner") dropCorner(v, moved >= CLICK_PX);
    else if (doing === "box") finishBox(v, clamped(v.data, toPatch(v, inCell(v, e))));
    else if (doing === "pan" && moved < CLICK_PX) click(v, e);
  });

  function pinch() {
    const now = distance(pointers), [a, b] = [...pointers.values()].map((e) => inCell(v, e));
    if (spread > 0) zoomTo(v, v.place.zoom * now / spread, { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
    spread = now;
  }
}

function begin(v, event) { // what a press starts; the middle button pans whatever the tool
  const handle = event.button === 0 ? handleNear(v, event) : undefined;
  if (handle) { takeCorner(v, handle); return "corner"; }
  if (event.target === v.divider) return "swipe";
  const point = toPatch(v, inCell(v, event));
  if (v.tool !== "box" || event.button !== 0) return "pan";
  const first = clamped(v.data, point);
  v.draft = { kind: "box", points: [first, first] };
  return "box";
}

function distance(pointers) {
  const [a, b] = [...pointers.values()];
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
}

function click(v, event) {
  const point = toPatch(v, inCell(v, event));
  const near = v.tool === "move" ? shapeNear(v, point) : -1;
  if (near >= 0) return select(v, near);
  if (v.tool === "move" && v.drawn.selected >= 0) select(v, -1);
  toolAt(v, point);
}

function hover(v, event) {
  readout(v, event);
  v.stage.classList.toggle("reaching", Boolean(handleNear(v, event)));
  if (!v.draft || v.draft.kind !== "polygon") return;
  const next = toPatch(v, inCell(v, event)), rubber = { kind: "polygon", points: [...v.draft.points, next] };
  for (const cell of v.cells) {
    cell.drawn.querySelector(".rubber")?.remove();
    cell.drawn.append(outline(v, rubber, "rubber"));
  }
}

function readout(v, event) {
  const point = toPatch(v, inCell(v, event)), place = v.$(".readout");
  if (!within(v.data, point)) { place.textContent = ""; return; }
  place.textContent = placeWords(v, Math.floor(point[0]), Math.floor(point[1]));
}

function placeWords(v, column, row) { // of the pixel's middle
  const [x, y] = toGround(v.data, column + 0.5, row + 0.5);
  const where = v.data.geographic ? `${y.toFixed(5)}°, ${x.toFixed(5)}°` : `${x.toFixed(0)} E, ${y.toFixed(0)} N`;
  return `${where} · column ${column}, row ${row}`;
}

// --- keys --------------------------------------------------------------------------------

function zoomKey(v, way) {
  if (way === "fit") { Object.assign(v.place, whole(v.data)); move(v); }
  if (way === "in") zoomTo(v, v.place.zoom * 1.5);
  if (way === "out") zoomTo(v, v.place.zoom / 1.5);
}

function key(v, event) {
  if (event.target !== v.stage && event.target !== v.divider) return;
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const fine = event.shiftKey, undoes = name === "z" && (event.ctrlKey || event.metaKey);
  if (!undoes && (event.ctrlKey || event.metaKey || event.altKey)) return;
  const act = undoes ? () => undo(v) : keyAct(v, name, fine);
  if (!act) return;
  act();
  event.preventDefault();
  event.stopPropagation(); // the page has keys of its own
}

function keyAct(v, name, fine) {
  const steps = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }, tool = TOOLS.find(([, letter]) => letter === name);
  if (steps[name]) return () => arrow(v, ...steps[name], fine);
  if (tool) return () => chooseTool(v, tool[0]);
  if (MODES[name - 1]) return () => setMode(v, MODES[name - 1][0]);
  return {
    "+": () => zoomKey(v, "in"), "=": () => zoomKey(v, "in"), "-": () => zoomKey(v, "out"), 0: () => zoomKey(v, "fit"),
    " ": () => swapByHand(v), Enter: () => toolAt(v, v.cursor ?? [v.place.column, v.place.row]),
    Escape: () => leave(v), c: () => nextCorner(v, fine ? -1 : 1), a: () => addCorner(v),
    Delete: () => deleteSelected(v), Backspace: () => (v.draft ? undo(v) : deleteSelected(v)), s: () => selectNext(v),
    l: () => toggle(v, "layers"), h: () => { v.choice.hidden = !v.choice.hidden; refresh(v); settle(v); say(v, v.choice.hidden ? "Layers hidden" : "Layers shown"); },
    o: () => setStyle(v, STYLES[(STYLES.findIndex(([style]) => style === v.choice.style) + 1) % STYLES.length][0]),
    f: () => fullScreen(v), "?": () => toggle(v, "help"),
  }[name];
}

function leave(v) { // one thing at a time
  if (v.draft) { v.draft = null; drawShapes(v); }
  else if (v.drawn.edit) letGo(v);
  else if (v.drawn.corner >= 0) takeUp(v, -1);
  else chooseTool(v, "move");
}

function arrow(v, x, y, fine) { // pans; while drawing it moves the cross, and with a corner taken up the corner
  if (v.drawn.corner >= 0) return nudgeCorner(v, x, y, fine);
  if (!v.cursor) return pan(v, x * PAN_PX, y * PAN_PX);
  const { l, place, data } = v, step = 10 / (l.fit * place.zoom);
  v.cursor = clamped(data, [v.cursor[0] - x * step / data.ground[0], v.cursor[1] - y * step / data.ground[1]]);
  keepInSight(v, v.cursor);
  if (v.draft?.kind === "box") { v.draft.points[1] = v.cursor; drawShapes(v); }
  say(v, placeWords(v, Math.floor(v.cursor[0]), Math.floor(v.cursor[1])));
}

function keepInSight(v, [column, row]) { // the picture follows what the keys move at the border
  const { l, place, data, at } = v;
  const x = at.x + column / data.width * l.pictureW * place.zoom, y = at.y + row / data.height * l.pictureH * place.zoom;
  const out = (here, room) => Math.min(0, here - 20) || Math.max(0, here - room + 20);
  pan(v, -out(x, l.width), -out(y, l.height));
}

function dividerKey(v, event) {
  const step = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.1, PageUp: 0.1, Home: -1, End: 1 }[event.key];
  if (step === undefined) return;
  setSwipe(v, v.choice.swipe + step);
  event.preventDefault();
  event.stopPropagation();
}
