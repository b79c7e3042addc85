// Shows what stands in the address bar, for as long as it is looked at.

const LOOK_MS = 250;

export function reached(href, base) { // a class does not reach this machine under the name it has for itself
  const url = new URL(href);
  return base && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname) ? new URL(url.pathname + url.search, base).href : href;
}

const SHOWN = new WeakMap(); // a component is called again with each change, and has not left before

export default function ({ parentElement: root, data }) {
  let held = SHOWN.get(root);
  if (!held || !held.shown.isConnected) {
    held?.leave();
    held = begin(root);
    SHOWN.set(root, held);
  }
  held.data = data;
  held.button.textContent = data.words.copy;
  look(held);
  return held.leave;
}

function begin(root) {
  const [shown, button, said] = ["code", "button", "span"].map((name) => root.querySelector(name));
  const held = { shown, button, said };
  button.onclick = () => copy(held);
  const looking = setInterval(() => look(held), LOOK_MS);
  held.leave = () => {
    clearInterval(looking);
    SHOWN.delete(root);
  };
  return held;
}

function look({ data, shown, said }) {
  const now = reached(new URL(data?.query || "", window.location.href).href, data?.reached);
  if (shown.textContent === now) return;
  shown.textContent = now;
  said.textContent = "";
}

async function copy(held) {
  look(held);
  const { data, shown, said } = held;
  try {
    await navigator.clipboard.writeText(shown.textContent);
    said.textContent = data.words.copied;
  } catch { // the browser does not allow it here: the reader copies what is marked
    window.getSelection().selectAllChildren(shown);
    said.textContent = data.words.marked;
  }
}
