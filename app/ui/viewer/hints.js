// A line on the picture: how what is being drawn ends; else, once, what fingers do.

export const TOOL_WORDS = {
  move: "Pan, zoom and pick pixels",
  point: "Click to set a point",
  box: "Drag a box from corner to corner",
  polygon: "Click the corners; click the first or the last one again, or press Finish or Enter twice, to close",
};
const TOUCH_WORDS = "One finger scrolls the page, two move and zoom the picture; zoomed in, one moves it.";
const TOUCH_WORDS_MS = 6000;
let touchTold = false;

export function drawHint(v) {
  const points = v.draft?.kind === "polygon" ? v.draft.points.length : 0;
  v.$(".finish").hidden = points < v.data.limits.fewest;
  v.$(".hint").textContent = v.tool !== "move" ? `${TOOL_WORDS[v.tool]}.` : v.touching ? TOUCH_WORDS : "";
}

export function tellTouch(v) { // once while the page is open
  if (touchTold) return;
  touchTold = v.touching = true;
  drawHint(v);
  setTimeout(() => { v.touching = false; drawHint(v); }, TOUCH_WORDS_MS);
}
