// A viewer without a page: a patch of 200 x 100 pixels of 10 metres, shown on a stage of 800 x 400 CSS pixels.

import { layout, settlePlace, whole } from "../../app/ui/viewer/geometry.js";

export const DATA = {
  key: "patch", width: 200, height: 100, ground: [10, 10], origin: [500000, 5000000], step: [10, 10], geographic: false, linked: true,
  modes: [["side", "Side by side"], ["swipe", "Swipe"], ["blink", "Blink"], ["opacity", "Opacity"], ["grid", "Grid"]],
  styles: [["fill", "Filled"], ["hatch", "Hatched"], ["edge", "Outlined"]],
  paces: [0.3, 3], limits: { cells: 4, shapes: 200, corners: 400, fewest: 3 },
  simulated: false,
  pictures: [{ id: "t1", title: "T1", label: "T1 here" }, { id: "t2", title: "T2", label: "T2 here" }],
  layers: [
    { id: "truth", title: "Truth", on: true, opacity: 75, pane: null, picture: false },
    { id: "cloud.t1", title: "Cloud T1", on: false, opacity: 75, pane: 0, picture: false },
    { id: "score", title: "Score", on: false, opacity: 60, pane: null, picture: true },
  ],
  choice: {
    mode: "swipe", left: "t1", right: "t2", cells: "t1,t2,change,overlays", style: "fill", layers: "", view: "", swipe: "50", blend: "50",
    pace: "0.7",
  },
  usual: {
    mode: "swipe", left: "t1", right: "t2", cells: "t1,t2,change,overlays", style: "fill", layers: "", swipe: "50", blend: "50", pace: "0.7",
  },
};

export function viewer({ place = whole(DATA), mode = "swipe", data = DATA, shapes = [], selected = -1 } = {}) {
  const stage = { getBoundingClientRect: () => ({ left: 100, top: 50 }) };
  const choice = { mode, left: "t1", right: "t2", cells: ["t1", "t2", "change", "overlays"], style: "fill", layers: {}, swipe: 0.5, blend: 0.5, pace: 0.7, hidden: false };
  const v = { data, stage, divider: {}, choice, place: { ...place }, l: layout(data, mode, 800, 400), drawn: { list: shapes, selected, edit: null }, draft: null };
  v.at = settlePlace(v);
  return v;
}

export function close(found, wanted, by = 1e-9) { // numbers, one by one
  if ([found].flat().some((one, n) => !(Math.abs(one - [wanted].flat()[n]) <= by))) throw new Error(`${found} is not ${wanted}`);
}
