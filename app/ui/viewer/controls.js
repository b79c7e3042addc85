// The bar above the pictures, the list of layers, the list of keys, and what is said aloud.

const KEYS = [
  ["Drag, arrows", "pan (with a drawing tool the arrows move the cross)"], ["Wheel, pinch, + and −", "zoom"], ["0", "the whole patch"],
  ["1 to 5", "side by side, swipe, blink, opacity, grid"], ["Space", "swap the pictures"],
  ["Click, Enter", "look a pixel up; with a tool: set a point or corner"], ["V, D, B, G", "pan, draw a point, a box, a polygon"],
  ["S", "select the next shape"], ["C, Shift C", "take up the next or previous corner of it"],
  ["Arrows, Shift arrows", "move the corner taken up, by ten pixels of the screen or by one"], ["A", "add a corner to a polygon after it"],
  ["Delete", "delete that corner of a polygon, else the selected shape"], ["Ctrl Z", "undo"], ["Escape", "leave what is being drawn, the corner, the shape"],
  ["L", "open the layers"], ["H", "hide or show all layers"], ["O", "masks filled, hatched, outlined"], ["F", "full screen"], ["?", "these keys"],
];

function buildControls(v) {
  const { $ } = v, [min, max] = v.data.paces;
  Object.assign($(".pace input"), { min, max });
  $(".modes").replaceChildren(...MODES.map(([mode, title], n) => button(title, { role: "radio", title: `${title} (${n + 1})` }, { mode })));
  $(".styles").replaceChildren(...STYLES.map(([style, title]) => button(title, { role: "radio" }, { style })));
  $(".keys").replaceChildren(...KEYS.flatMap(([key, what]) => [element("dt", "", key), element("dd", "", what)]));
}

function button(title, attributes, dataset) {
  const made = element("button", "", title);
  made.type = "button";
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  Object.assign(made.dataset, dataset);
  return made;
}

// A line a layer, and a button in the bar for each that matters now. What has not changed stays as it is,
// for a hand may be on it.
function fillLayers(v) {
  keepOrMake(v.$(".list"), switchable(v), (layer) => layerLine(v, layer));
  drawChips(v);
}

function keepOrMake(place, layers, make) {
  const looks = JSON.stringify(layers.map(({ id, title, colour, pattern }) => [id, title, colour, pattern]));
  if (place.dataset.looks === looks) return;
  place.dataset.looks = looks;
  place.replaceChildren(...layers.map(make));
}

function layerOf(v, id) { return switchable(v).find((layer) => layer.id === id); }

function switchable(v) { return [...v.data.layers, SHAPES_LAYER]; }

function layerLine(v, layer) {
  const line = element("div", "line"), name = element("label"), box = element("input"), slide = element("input");
  line.dataset.id = layer.id;
  Object.assign(box, { type: "checkbox" });
  name.append(box, swatch(layer), layer.title);
  Object.assign(slide, { type: "range", min: 5, max: 100, step: 5 });
  slide.setAttribute("aria-label", `Opacity of ${layer.title}`);
  box.addEventListener("change", () => switchLayer(v, layerOf(v, layer.id), box.checked));
  slide.addEventListener("input", () => { v.choice.layers[layer.id] = Number(slide.value); refresh(v); });
  line.append(name, slide);
  return line;
}

function swatch(layer) {
  const made = element("span", layer.picture ? `swatch ${layer.id === "drawn" ? "shapes" : "ramp"}` : `swatch p${layer.pattern}`);
  if (layer.colour) made.style.setProperty("--swatch", layer.colour);
  return made;
}

function switchLayer(v, layer, on) {
  const { choice } = v, now = opacityOf(v, layer);
  if (now) choice.last[layer.id] = now;
  choice.layers[layer.id] = on ? choice.last[layer.id] || layer.opacity : 0;
  choice.touched.add(layer.id);
  choice.hidden = false;
  refresh(v);
  settle(v);
  if (on && layer.src === null) remember(v, true); // a picture this page has not sent yet
  say(v, `${layer.title} ${on ? "shown" : "hidden"}`);
}

function drawChips(v) {
  const { choice } = v, wanted = v.data.layers.filter((layer) => layer.on || opacityOf(v, layer) || choice.touched.has(layer.id));
  keepOrMake(v.$(".chips"), wanted, (layer) => {
    const made = button("", {}, { layer: layer.id });
    made.append(swatch(layer), layer.title);
    made.addEventListener("click", () => switchLayer(v, layerOf(v, layer.id), !opacityOf(v, layerOf(v, layer.id))));
    return made;
  });
  for (const chip of v.$(".chips").children) {
    const layer = layerOf(v, chip.dataset.layer);
    chip.setAttribute("aria-pressed", Boolean(layer && opacityOf(v, layer) && !choice.hidden));
  }
}

function drawControls(v) {
  const { $, all, choice, drawn } = v;
  for (const b of all(".modes button")) b.setAttribute("aria-checked", b.dataset.mode === choice.mode);
  for (const b of all(".styles button")) b.setAttribute("aria-checked", b.dataset.style === choice.style);
  for (const b of all(".tools button[data-tool]")) b.setAttribute("aria-checked", b.dataset.tool === v.tool);
  $(".undo").hidden = !drawn.past.length && !v.draft;
  v.stage.classList.toggle("held", drawn.corner >= 0);
  $(".delete").hidden = drawn.selected < 0;
  const apart = drawn.corner >= 0 && drawn.list[drawn.selected].kind === "polygon";
  $(".delete").textContent = apart ? "Delete corner" : "Delete shape";
  $(".delete").title = `Delete the ${apart ? "corner" : "shape"} (Delete)`;
  $(".blend").hidden = choice.mode !== "opacity";
  $(".blend input").value = choice.blend * 100;
  $(".pace").hidden = choice.mode !== "blink";
  $(".pace input").value = choice.pace;
  $(".pace output").textContent = `${choice.pace.toFixed(1)} s`;
  for (const line of all(".line")) {
    const layer = layerOf(v, line.dataset.id), opacity = opacityOf(v, layer);
    line.querySelector("[type=checkbox]").checked = opacity > 0;
    line.querySelector("[type=range]").disabled = !opacity;
    line.querySelector("[type=range]").value = opacity || choice.last[layer.id] || layer.opacity;
  }
  const on = v.data.layers.filter((layer) => opacityOf(v, layer)).length;
  $(".open-layers").textContent = `Layers${on ? ` (${on})` : ""}`;
  v.box.classList.toggle("hatched", choice.style !== "fill");
  drawChips(v);
}

function toggle(v, name, open = v.$(`.panel.${name}`).hidden) { // one panel at a time
  for (const panel of v.all(".panel")) panel.hidden = !(open && panel.classList.contains(name));
  for (const b of v.all("[data-panel]")) b.setAttribute("aria-expanded", open && b.dataset.panel === name);
  if (open) v.$(`.panel.${name} input, .panel.${name}`).focus();
}

function fullScreen(v) {
  if (v.root.fullscreenElement) document.exitFullscreen();
  else v.box.requestFullscreen?.().catch(() => say(v, "This browser does not allow full screen here."));
}

function say(v, words) { v.$(".said").textContent = words; }

function listenToControls(v) {
  const { $, on } = v;
  on($(".modes"), "click", (e) => e.target.dataset.mode && setMode(v, e.target.dataset.mode));
  on($(".modes"), "keydown", (e) => radioKey(e));
  on($(".styles"), "click", (e) => e.target.dataset.style && setStyle(v, e.target.dataset.style));
  on($(".tools"), "click", (e) => {
    const pressed = e.target.closest("button");
    if (pressed?.dataset.tool) chooseTool(v, pressed.dataset.tool);
    else if (pressed?.classList.contains("finish")) finish(v);
    else if (pressed?.classList.contains("undo")) undo(v);
    else if (pressed?.classList.contains("delete")) deleteSelected(v);
  });
  on($(".blend input"), "input", (e) => { v.choice.blend = e.target.value / 100; refresh(v); });
  on($(".pace input"), "input", (e) => setPace(v, Number(e.target.value)));
  on($(".zoom"), "click", (e) => zoomKey(v, e.target.dataset.zoom));
  on($(".full"), "click", () => fullScreen(v));
  for (const b of v.all("[data-panel]")) on(b, "click", () => toggle(v, b.dataset.panel));
  for (const panel of v.all(".panel")) on(panel, "keydown", (e) => {
    if (e.key !== "Escape") return;
    toggle(v, "", false);
    v.stage.focus();
  });
}

function radioKey(event) { // arrows walk along the buttons of a group, as they do among radio buttons
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key], buttons = [...event.currentTarget.children];
  if (!step) return;
  buttons.at((buttons.indexOf(event.target) + step) % buttons.length).focus();
  event.preventDefault();
}
