// What the editor touches of Streamlit's page around it, as the viewer does.

export function mediaUrl(src) { // Streamlit serves pictures beside its own script, wherever that is
  if (!src.startsWith("/media/")) return src;
  const script = document.querySelector("script[src*='static/js/']");
  const root = script ? script.src.split("static/js/")[0] : new URL(".", document.baseURI).href;
  return root + src.slice(1);
}
