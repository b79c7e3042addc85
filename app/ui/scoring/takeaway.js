// Two buttons that let plotly write the figure named by `chart` as PNG or SVG, in the reader's browser.
const BUTTON = "toImage";

function chartOf(key) {
  return document.querySelector(`.st-key-${CSS.escape(key)} .js-plotly-plot`);
}

function save(key, format, filename) {
  const graph = chartOf(key);
  const buttons = (graph?._fullLayout?._modeBar?.buttons ?? []).flat();
  const camera = buttons.find((button) => button.name === BUTTON);
  if (!camera) return;
  graph._context.toImageButtonOptions = { format, filename, scale: format === "png" ? 2 : 1 };
  camera.click(graph);
}

export default function ({ data, parentElement }) {
  for (const button of parentElement.querySelectorAll("button")) {
    button.onclick = () => save(data.chart, button.dataset.format, data.filename);
    button.setAttribute("aria-label", `${data.title} as ${button.textContent}`);
  }
}
