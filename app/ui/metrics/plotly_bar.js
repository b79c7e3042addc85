// What Scarp touches of plotly's private insides: the camera of a figure's mode bar, which writes it as a picture.

const CAMERA = "toImage";

// The figure that a Streamlit key names, once it is drawn and has its bar; else undefined.
export function drawnChart(key, root = document) {
  const graph = root.querySelector(`.st-key-${CSS.escape(key)} .js-plotly-plot`);
  return cameraOf(graph) && graph;
}

function cameraOf(graph) {
  const buttons = (graph?._fullLayout?._modeBar?.buttons ?? []).flat();
  return buttons.find((button) => button.name === CAMERA);
}

// Let plotly write a drawn figure as a file; `format` is png or svg.
export function writePicture(graph, format, filename) {
  graph._context.toImageButtonOptions = { format, filename, scale: format === "png" ? 2 : 1 };
  cameraOf(graph).click(graph);
}
