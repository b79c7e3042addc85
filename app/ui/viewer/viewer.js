// Pictures of one place under one zoom and pan, with layers over them and shapes drawn on them.
// The page's script runs again at every choice of the reader; the viewer stays and takes over what is new.

import { fillLayers } from "./bar.js";
import { buildControls, listenToControls } from "./controls.js";
import { drawShapes } from "./figures.js";
import { listenToKeys } from "./keyboard.js";
import { setMode } from "./modes.js";
import { refill } from "./pictures.js";
import { listenToStage } from "./pointers.js";
import { choiceOf, drawnOf, lookedAt, TELL_MS, tellShapes, withAsked, writeAddress } from "./store.js";
import { refresh } from "./view.js";

const MOUNTED = new WeakMap(); // the viewer that lives in an element through reruns of the page

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
  listenToKeys(v);
  listenToStage(v);
  watch.observe(v.box);
  return v;
}

function update(v, data) {
  v.told ??= JSON.stringify(data.choice);
  const read = withAsked(data);
  Object.assign(v, { data: read, choice: choiceOf(read), place: lookedAt(read), drawn: drawnOf(read) });
  fillLayers(v);
  refill(v);
  setMode(v, v.choice.mode, false);
  drawShapes(v);
  if (v.drawn.unsent) tellShapes(v, TELL_MS); // the page was left before its server heard of them
  writeAddress(v);
}
