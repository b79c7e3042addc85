// Two buttons that let plotly write the figure named by `chart` as PNG or SVG, in the reader's browser.

import { drawnChart, writePicture } from "./plotly_bar.js";

const PATIENCE_MS = 30_000;
const TICK_MS = 100;

// The buttons may be there before the figure is: a press then counts once it is drawn.
function save(key, format, filename, since = Date.now()) {
  const graph = drawnChart(key);
  if (graph) writePicture(graph, format, filename);
  else if (Date.now() - since < PATIENCE_MS) setTimeout(() => save(key, format, filename, since), TICK_MS);
}

export default function ({ data, parentElement }) {
  for (const button of parentElement.querySelectorAll("button")) {
    button.onclick = () => save(data.chart, button.dataset.format, data.filename);
    button.setAttribute("aria-label", `${data.title} as ${button.textContent}`);
  }
}
