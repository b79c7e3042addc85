// What the bar above the pictures and the list of layers show; controls.js listens to them.

import { button, element } from "./elements.js";
import { layerOf, opacityOf, switchable } from "./layers.js";

// A line a layer, and a button in the bar for each that matters now. What has not changed stays as it is,
// for a hand may be on it.
export function fillLayers(v) {
  keepOrMake(v.$(".list"), switchable(v), layerLine);
  drawChips(v);
}

function keepOrMake(place, layers, make) {
  const looks = JSON.stringify(layers.map(({ id, title, colour, pattern }) => [id, title, colour, pattern]));
  if (place.dataset.looks === looks) return;
  place.dataset.looks = looks;
  place.replaceChildren(...layers.map(make));
}

function layerLine(layer) {
  const line = element("div", "line"), name = element("label"), box = element("input"), slide = element("input");
  line.dataset.id = layer.id;
  Object.assign(box, { type: "checkbox" });
  name.append(box, swatch(layer), layer.title);
  Object.assign(slide, { type: "range", min: 5, max: 100, step: 5 });
  slide.setAttribute("aria-label", `Opacity of ${layer.title}`);
  line.append(name, slide);
  return line;
}

function swatch(layer) {
  const made = element("span", layer.picture ? `swatch ${layer.id === "drawn" ? "shapes" : "ramp"}` : `swatch ${layer.pattern}`);
  if (layer.colour) made.style.setProperty("--swatch", layer.colour);
  return made;
}

function drawChips(v) {
  const { choice } = v, wanted = v.data.layers.filter((layer) => layer.on || opacityOf(v, layer) || choice.touched.has(layer.id));
  keepOrMake(v.$(".chips"), wanted, (layer) => {
    const made = button("", {}, { layer: layer.id });
    made.append(swatch(layer), layer.title);
    return made;
  });
  for (const chip of v.$(".chips").children) {
    const layer = layerOf(v, chip.dataset.layer);
    chip.setAttribute("aria-pressed", Boolean(layer && opacityOf(v, layer) && !choice.hidden));
  }
}

export function drawControls(v) {
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
