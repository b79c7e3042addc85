// Scenes on a time axis and as a film below it; what a catalogue says is set as text, never as markup.

const MANY = 50; // dots that would touch each other: these are drawn as strokes

export default function ({ parentElement: root, data, setTriggerValue }) {
  const film = root.querySelector(".film");
  if (film.dataset.drawn === data.key) return;
  const first = !film.dataset.drawn, held = root.querySelector("li:focus-within")?.dataset.date;
  film.dataset.drawn = data.key;
  const take = (which, date) => {
    if (data.pick) setTriggerValue("pick", `${which} ${date}`);
  };
  const reel = film.querySelector(".reel"), at = reel.scrollLeft;
  reel.replaceChildren(...data.items.map((item) => (item.event ? divider(item) : card(item, data, take))));
  reel.scrollLeft = at;
  drawAxis(film.querySelector(".axis"), data, take, reel);
  const beside = [...reel.children].find((one) => one.dataset.date === held);
  if (beside) beside.focus({ preventScroll: true });
  if (first) toMiddle(reel, reel.querySelector(".is-event") ?? reel.querySelector(".chosen"));
  reel.onkeydown = (event) => onKey(event, reel, take);
}

export function nearest(items, share) {
  return items.reduce((best, one) => (best && Math.abs(best.at - share) <= Math.abs(one.at - share) ? best : one), null);
}

function toMiddle(reel, one) {
  if (one) reel.scrollLeft = one.offsetLeft - reel.offsetLeft - (reel.clientWidth - one.offsetWidth) / 2;
}

function element(kind, className, text = "") {
  return Object.assign(document.createElement(kind), { className, textContent: text });
}

function divider(item) {
  const line = element("li", "is-event");
  line.append(element("span", "", item.event));
  return line;
}

function card(item, data, take) {
  const line = element("li", item.t1 || item.t2 ? "chosen" : ""), words = element("span", "words");
  line.tabIndex = 0;
  line.dataset.date = item.date;
  line.title = item.id;
  words.append(element("b", "", item.date), element("small", "", item.cloud), element("small", "", item.sensor));
  line.append(picture(item), words);
  if (data.pick) line.append(takers(item, take));
  return line;
}

function takers(item, take) {
  const row = element("span", "take");
  for (const which of ["t1", "t2"]) {
    const button = element("button", "", which.toUpperCase());
    button.type = "button";
    button.setAttribute("aria-pressed", item[which]);
    button.setAttribute("aria-label", `Take ${item.date} as ${which.toUpperCase()}`);
    button.addEventListener("click", () => take(which, item.date));
    row.append(button);
  }
  return row;
}

function picture(item) {
  const frame = element("span", item.src ? "picture" : "picture none", item.src ? "" : "not looked at");
  if (!item.src) return frame;
  const image = new Image();
  image.src = item.src;
  image.alt = `The patch on ${item.date}`;
  frame.append(image);
  if (item.simulated) frame.append(element("span", "said", "SIMULATED"));
  return frame;
}

function drawAxis(axis, data, take, reel) {
  const put = (one, at) => {
    one.style.left = `${at}%`;
    return one;
  };
  axis.classList.toggle("many", data.dots.length > MANY);
  const ticks = data.ticks.map((tick, n) => put(element("span", n % 2 ? "tick odd" : "tick", tick.text), tick.at));
  const parts = [element("div", "line"), ...ticks];
  if (data.event) {
    const band = put(element("div", "event"), data.event.at);
    band.style.width = `${data.event.wide}%`;
    parts.push(band, put(element("span", "event-name", "event"), data.event.at));
  }
  for (const span of data.spans) {
    const band = put(element("div", "span"), span.at);
    band.style.width = `${span.wide}%`;
    parts.push(band);
  }
  parts.push(...data.dots.map((dot) => put(asDot(dot, reel), dot.at)));
  parts.push(...data.marks.map((mark) => put(asMark(mark, data, axis, take), mark.at)));
  axis.replaceChildren(...parts);
}

function asDot(dot, reel) {
  const one = element("button", dot.shown ? "dot" : "dot left-out");
  one.type = "button";
  one.tabIndex = -1;
  one.title = dot.title;
  one.style.opacity = dot.shown ? Math.max(0.25, 1 - dot.cloud) : "";
  one.addEventListener("click", () => {
    const beside = [...reel.children].find((line) => line.dataset.date === dot.date);
    if (!beside) return;
    toMiddle(reel, beside);
    beside.focus({ preventScroll: true });
  });
  return one;
}

function asMark(mark, data, axis, take) {
  const one = element("button", data.pick ? "mark" : "mark fixed", mark.which.toUpperCase());
  one.type = "button";
  one.tabIndex = -1;
  one.title = data.pick ? `${mark.which.toUpperCase()}, ${mark.date}: drag it to another scene` : mark.date;
  if (!data.pick) return one;
  let to = null;
  one.addEventListener("pointerdown", (event) => {
    one.setPointerCapture(event.pointerId);
    to = null;
  });
  one.addEventListener("pointermove", (event) => {
    if (!one.hasPointerCapture(event.pointerId)) return;
    const box = axis.getBoundingClientRect();
    to = nearest(data.dots.filter((dot) => dot.shown), (100 * (event.clientX - box.left)) / box.width);
    if (to) one.style.left = `${to.at}%`;
  });
  one.addEventListener("pointerup", () => {
    if (to && to.date !== mark.date) take(mark.which, to.date);
  });
  return one;
}

function onKey(event, reel, take) {
  const line = event.target.closest("li");
  if (!line || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "1" || event.key === "2") take(`t${event.key}`, line.dataset.date);
  else if (event.key === "ArrowLeft" || event.key === "ArrowRight") step(reel, line, event.key === "ArrowLeft" ? -1 : 1);
  else return;
  event.preventDefault();
}

function step(reel, line, by) {
  const cards = [...reel.querySelectorAll("li[data-date]")], to = cards[cards.indexOf(line) + by];
  if (!to) return;
  to.focus({ preventScroll: true });
  toMiddle(reel, to);
}
