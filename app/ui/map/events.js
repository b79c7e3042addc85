// Brings an inventory's events to the browser once; the maps of this page find them by their key.

const HELD = 3; // inventories kept: the one in use and those just left

export default function ({ data }) {
  const lists = (globalThis.scarpEvents ??= { held: new Map(), told: new Set() });
  if (!data) return;
  const text = new TextDecoder();
  const key = text.decode(data.subarray(0, 16));
  if (!lists.held.has(key)) {
    lists.held.set(key, JSON.parse(text.decode(data.subarray(16))));
    if (lists.held.size > HELD) lists.held.delete(lists.held.keys().next().value);
  }
  for (const tell of lists.told) tell(key);
}
