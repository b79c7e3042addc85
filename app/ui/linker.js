// Links modules in the browser: Streamlit serves a component as one text without an address, from which nothing could
// be imported. So each module gets an address of its own, and those that import it are told that one.

// `modules` are [name, names of what it imports, text], each after all that it imports; returns the last one.
export async function link(modules) {
  const at = new Map();
  for (const [name, imports, text] of modules) {
    const told = imports.reduce((held, other) => held.replaceAll(`from "./${other}";`, `from "${at.get(other)}";`), text);
    at.set(name, URL.createObjectURL(new Blob([told, `\n//# sourceURL=scarp/${name}\n`], { type: "text/javascript" })));
  }
  return import([...at.values()].at(-1));
}
