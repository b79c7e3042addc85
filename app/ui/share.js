// Shows what stands in the address bar, for as long as it is looked at.

const LOOK_MS = 250;

export default function ({ parentElement: root }) {
  const shown = root.querySelector("code"), button = root.querySelector("button"), said = root.querySelector("span");
  const look = () => {
    if (shown.textContent === window.location.href) return;
    shown.textContent = window.location.href;
    said.textContent = "";
  };
  button.onclick = async () => {
    look();
    try {
      await navigator.clipboard.writeText(shown.textContent);
      said.textContent = "Copied.";
    } catch { // the browser does not allow it here: the reader copies what is marked
      window.getSelection().selectAllChildren(shown);
      said.textContent = "Marked: copy it with your keys.";
    }
  };
  look();
  const looking = setInterval(look, LOOK_MS);
  return () => clearInterval(looking);
}
