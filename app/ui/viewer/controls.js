// Listens to the bar above the pictures, the list of layers and the choice of pictures.

import { button, element, say } from "./elements.js";
import { layerOf, opacityOf } from "./layers.js";
import { settle } from "./marks.js";
import { setMode, setPace, setStyle } from "./modes.js";
import { remember } from "./store.js";
import { chooseTool, deleteSelected, finish, undo } from "./tools.js";
import { refresh, zoomKey } from "./view.js";

const keysOf = ({ modes }) => [
  ["Drag, arrows", "pan (with a drawing tool the arrows move the cross)"], ["Wheel, pinch, + and −", "zoom"], ["0", "the whole patch"],
  [`1 to ${modes.length}`, modes.map(([, title]) => title.toLowerCase()).join(", ")], ["Space", "swap the pictures"],
  ["Click, Enter", "look a pixel up; with a tool: set a point or corner"], ["V, D, B, G", "pan, draw a point, a box, a polygon"],
  ["S", "select the next shape"], ["C, Shift C", "take up the next or previous corner of it"],
  ["Arrows, Shift arrows", "move the corner taken up, by ten pixels of the screen or by one"], ["A", "add a corner to a polygon after it"],
  ["Delete", "delete that corner of a polygon, else the selected shape"], ["Ctrl Z", "undo"], ["Escape", "leave what is being drawn, the corner, the shape"],
  ["L", "open the layers"], ["H", "hide or show all layers"], ["O", "masks filled, hatched, outlined"], ["F", "full screen"], ["?", "these keys"],
];

export function buildControls(v) {
  const { $, data } = v, [min, max] = data.paces;
  Object.assign($(".pace input"), { min, max });
  $(".modes").replaceChildren(...data.modes.map(([mode, title], n) => button(title, { role: "radio", title: `${title} (${n + 1})` }, { mode })));
  $(".styles").replaceChildren(...data.styles.map(([style, title]) => button(title, { role: "radio" }, { style })));
  $(".keys").replaceChildren(...keysOf(data).flatMap(([key, what]) => [element("dt", "", key), element("dd", "", what)]));
}

export function listenToControls(v) {
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
  on($(".chips"), "click", (e) => {
    const layer = layerOf(v, e.target.closest("button")?.dataset.layer);
    if (layer) switchLayer(v, layer, !opacityOf(v, layer));
  });
  on($(".list"), "change", (e) => e.target.type === "checkbox" && switchLayer(v, lineOf(v, e.target), e.target.checked));
  on($(".list"), "input", (e) => e.target.type === "range" && fade(v, lineOf(v, e.target), Number(e.target.value)));
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

export function toggle(v, name, open = v.$(`.panel.${name}`).hidden) { // one panel at a time
  for (const panel of v.all(".panel")) panel.hidden = !(open && panel.classList.contains(name));
  for (const b of v.all("[data-panel]")) b.setAttribute("aria-expanded", open && b.dataset.panel === name);
  if (open) v.$(`.panel.${name} input, .panel.${name}`).focus();
}

export function fullScreen(v) {
  if (v.root.fullscreenElement) document.exitFullscreen();
  else v.box.requestFullscreen?.().catch(() => say(v, "This browser does not allow full screen here."));
}

function lineOf(v, control) { return layerOf(v, control.closest(".line").dataset.id); }

function fade(v, layer, opacity) {
  v.choice.layers[layer.id] = opacity;
  refresh(v);
}

function radioKey(event) { // arrows walk along the buttons of a group, as they do among radio buttons
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key], buttons = [...event.currentTarget.children];
  if (!step) return;
  buttons.at((buttons.indexOf(event.target) + step) % buttons.length).focus();
  event.preventDefault();
}
