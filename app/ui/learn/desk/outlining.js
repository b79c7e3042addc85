// Clicks on a picture, and outlines drawn on it with mouse, pen, finger or keys.

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LEAST = 3; // corners of an outline

export function listenToDrawing(d, answer) {
  for (const stage of d.root.querySelectorAll(".stage")) {
    d.on(stage, "pointerdown", (event) => begin(d, stage, event));
    d.on(stage, "pointermove", (event) => go(d, stage, event));
    d.on(stage, "pointerup", () => end(d, answer));
    d.on(stage, "pointercancel", () => end(d, () => {}));
    d.on(stage, "click", (event) => click(d, stage, event, answer)); // which a finger that scrolls the page makes none of
    d.on(stage, "keydown", (event) => key(d, event, answer));
  }
}

export function placed(box, at, size) { // a place on the screen as column and row, in pixels from the upper left corner
  const share = [(at.x - box.left) / box.width, (at.y - box.top) / box.height];
  return share.map((one, n) => Math.min(size[n], Math.max(0, one * size[n])));
}

function where(d, stage, event) {
  return placed(stage.getBoundingClientRect(), { x: event.clientX, y: event.clientY }, d.size);
}

function click(d, stage, event, answer) {
  if (d.data.ask !== "click") return;
  d.cross = where(d, stage, event);
  showDrawing(d);
  answer(d, drawn(d));
}

function begin(d, stage, event) {
  if (d.data.ask !== "draw") return;
  event.preventDefault();
  stage.setPointerCapture(event.pointerId);
  d.drawing = true;
  d.outline = [where(d, stage, event)];
  showDrawing(d);
}

function go(d, stage, event) {
  if (!d.drawing) return;
  d.outline.push(where(d, stage, event));
  showDrawing(d);
}

function end(d, answer) {
  if (!d.drawing) return;
  d.drawing = false;
  if (d.outline.length >= LEAST) answer(d, drawn(d));
}

export function drawn(d) { // what stands on the pictures, as an answer; null as long as it is none
  if (d.data.ask === "click") return d.cross ? { point: d.cross } : null;
  return d.outline.length >= LEAST ? { outline: d.outline.map((point) => point.map((one) => Number(one.toFixed(1)))) } : null;
}

function key(d, event, answer) { // arrows move a cross, Enter takes the pixel or sets a corner, C closes the outline
  if (!["click", "draw"].includes(d.data.ask)) return;
  if (KEYS[event.key]) {
    const far = event.shiftKey ? 8 : 1, at = d.cross ?? d.size.map((one) => one / 2);
    d.cross = at.map((one, n) => Math.min(d.size[n] - 0.5, Math.max(0.5, one + far * KEYS[event.key][n])));
  } else if (event.key === "Enter" && d.cross) {
    if (d.data.ask === "click") answer(d, drawn(d));
    else d.outline.push(d.cross);
  } else if (event.key === "Backspace" && d.outline.length) {
    d.outline.pop();
  } else if (event.key.toLowerCase() === "c" && d.outline.length >= LEAST) {
    answer(d, drawn(d));
  } else return;
  event.preventDefault();
  showDrawing(d);
}

export function forgetDrawing(d) {
  Object.assign(d, { outline: [], cross: null, drawing: false });
}

export function showDrawing(d) {
  const [width, height] = d.size, points = d.outline.map((point) => point.join()).join(" ");
  const [x, y] = d.cross ?? [-9, -9];
  d.$(".hand button").disabled = !drawn(d);
  for (const svg of d.root.querySelectorAll("svg.sketch")) {
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.querySelector("polygon").setAttribute("points", points);
    svg.querySelector("path").setAttribute("d", `M${x - 3} ${y}h6M${x} ${y - 3}v6`);
  }
  for (const stage of d.root.querySelectorAll(".stage")) {
    const active = ["click", "draw"].includes(d.data.ask);
    stage.classList.toggle("active", active);
    stage.classList.toggle("drawn", d.data.ask === "draw");
    if (active) stage.tabIndex = 0;
    else stage.removeAttribute("tabindex");
  }
}
