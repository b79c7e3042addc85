// What the viewer touches of Streamlit's page around it; nothing else here knows how that page is built.

export function scrolledAbove(stage, main) { // pixels of the page that have gone up; `main` is Python's name of its scrolling part
  return stage.getRootNode().host?.closest(main)?.scrollTop ?? 0;
}

export function mediaUrl(src) { // Streamlit serves pictures beside its own script, wherever that is
  if (!src.startsWith("/media/")) return src;
  const script = document.querySelector("script[src*='static/js/']");
  const root = script ? script.src.split("static/js/")[0] : new URL(".", document.baseURI).href;
  return root + src.slice(1);
}
