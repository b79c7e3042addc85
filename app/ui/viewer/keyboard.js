// The keys of the pictures and of the border between them.

import { addCorner, letGo, nextCorner, nudgeCorner } from "./corners.js";
import { fullScreen, toggle } from "./controls.js";
import { takeUp } from "./drawing.js";
import { say } from "./elements.js";
import { drawShapes } from "./figures.js";
import { clamped, placeWords } from "./geometry.js";
import { settle } from "./marks.js";
import { setMode, setStyle, setSwipe, swapByHand } from "./modes.js";
import { chooseTool, deleteSelected, selectNext, TOOLS, toolAt, undo } from "./tools.js";
import { keepInSight, pan, refresh, zoomKey } from "./view.js";

const PAN_PX = 40;

export function listenToKeys(v) {
  v.on(v.stage, "keydown", (e) => key(v, e));
  v.on(v.divider, "keydown", (e) => dividerKey(v, e));
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
  const { modes, styles } = v.data, steps = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }, tool = TOOLS.find(([, letter]) => letter === name);
  if (steps[name]) return () => arrow(v, ...steps[name], fine);
  if (tool) return () => chooseTool(v, tool[0]);
  if (modes[name - 1]) return () => setMode(v, modes[name - 1][0]);
  return {
    "+": () => zoomKey(v, "in"), "=": () => zoomKey(v, "in"), "-": () => zoomKey(v, "out"), 0: () => zoomKey(v, "fit"),
    " ": () => swapByHand(v), Enter: () => toolAt(v, v.cursor ?? [v.place.column, v.place.row]),
    Escape: () => leave(v), c: () => nextCorner(v, fine ? -1 : 1), a: () => addCorner(v),
    Delete: () => deleteSelected(v), Backspace: () => (v.draft ? undo(v) : deleteSelected(v)), s: () => selectNext(v),
    l: () => toggle(v, "layers"), h: () => { v.choice.hidden = !v.choice.hidden; refresh(v); settle(v); say(v, v.choice.hidden ? "Layers hidden" : "Layers shown"); },
    o: () => setStyle(v, styles[(styles.findIndex(([style]) => style === v.choice.style) + 1) % styles.length][0]),
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

function dividerKey(v, event) {
  const step = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.1, PageUp: 0.1, Home: -1, End: 1 }[event.key];
  if (step === undefined) return;
  setSwipe(v, v.choice.swipe + step);
  event.preventDefault();
  event.stopPropagation();
}
