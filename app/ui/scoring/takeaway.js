// Two buttons that let plotly write the figure named by `chart` as PNG or SVG, in the reader's browser.
const BUTTON = "toImage";
const PATIENCE_MS = 30_000;
const TICK_MS = 100;

function chartOf(key) {
  return document.querySelector(`.st-key-${CSS.escape(key)} .js-plotly-plot`);
}

function cameraOf(graph) {
  const buttons = (graph?._fullLayout?._modeBar?.buttons ?? []).flat();
  return buttons.find((button) => button.name === BUTTON);
}

// The buttons may be there before the figure is: a press then counts once it is drawn.
function save(key, format, filename, since = Date.now()) {
  const graph = chartOf(key);
  const camera = cameraOf(graph);
  if (!camera) {
    if (Date.now() - since < PATIENCE_MS) setTimeout(() => save(key, format, filename, since), TICK_MS);
    return;
  }
  graph._context.toImageButtonOptions = { format, filename, scale: format === "png" ? 2 : 1 };
  camera.click(graph);
}

export default function ({ data, parentElement }) {
  for (const button of parentElement.querySelectorAll("button")) {
    button.onclick = () => save(data.chart, button.dataset.format, data.filename);
    button.setAttribute("aria-label", `${data.title} as ${button.textContent}`);
  }
}
