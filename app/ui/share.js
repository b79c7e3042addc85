// Shows what stands in the address bar, for as long as it is looked at.

const LOOK_MS = 250;

export function reached(href, base) { // a class does not reach this machine under the name it has for itself
  const url = new URL(href);
  return base && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname) ? new URL(url.pathname + url.search, base).href : href;
}

export default function ({ parentElement: root, data }) {
  const shown = root.querySelector("code"), button = root.querySelector("button"), said = root.querySelector("span");
  button.textContent = data.words.copy;
  const look = () => {
    const now = reached(new URL(data?.query || "", window.location.href).href, data?.reached);
    if (shown.textContent === now) return;
    shown.textContent = now;
    said.textContent = "";
  };
  button.onclick = async () => {
    look();
    try {
      await navigator.clipboard.writeText(shown.textContent);
      said.textContent = data.words.copied;
    } catch { // the browser does not allow it here: the reader copies what is marked
      window.getSelection().selectAllChildren(shown);
      said.textContent = data.words.marked;
    }
  };
  look();
  const looking = setInterval(look, LOOK_MS);
  return () => clearInterval(looking);
}
