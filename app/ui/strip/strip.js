// A strip of small pictures, one button an event; what an inventory says is set as text, never as markup.

export default function ({ parentElement: root, data, setTriggerValue }) {
  const strip = root.querySelector(".strip");
  if (strip.dataset.drawn === data.key) return;
  strip.dataset.drawn = data.key;
  strip.replaceChildren(...data.items.map((item) => {
    const line = document.createElement("li"), button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-current", item.chosen);
    button.append(picture(item), words(item));
    button.addEventListener("click", () => setTriggerValue("click", item.id));
    line.append(button);
    return line;
  }));
}

function picture(item) {
  const frame = document.createElement("span");
  frame.className = item.src ? "picture" : "picture none";
  if (!item.src) {
    frame.textContent = item.why;
    return frame;
  }
  const image = new Image();
  image.src = item.src;
  image.alt = "T1 and T2";
  frame.append(image);
  if (item.simulated) frame.append(Object.assign(document.createElement("span"), { textContent: "SIMULATED" }));
  return frame;
}

function words(item) {
  const block = document.createElement("span");
  block.className = "words";
  for (const [kind, text] of [["b", item.name], ["small", item.date]]) {
    block.append(Object.assign(document.createElement(kind), { textContent: text }));
  }
  return block;
}
