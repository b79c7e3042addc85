// What is painted on a patch, what was before, and which of several copies is the newest.

const MOST_BYTES = 50_000_000, FEWEST_STEPS = 20, MOST_STEPS = 200;
const HELD = new Map(); // patch -> its outline, as long as the page is open
const NAME = "scarp.outline."; // in the browser's own store: what the server has not heard of yet

export function blank(length) {
  return { mask: new Uint8Array(length), past: [], future: [], revision: 0, touched: false, unsent: false };
}

export function heldOf(data) {
  if (!HELD.has(data.key)) HELD.set(data.key, blank(data.width * data.height));
  return HELD.get(data.key);
}

export function change(held, mask, touched = true) { // returns whether anything is another than before
  if (held.touched === touched && mask.every((one, n) => one === held.mask[n])) return false;
  held.past.push([held.mask, held.touched]);
  const most = Math.min(MOST_STEPS, Math.max(FEWEST_STEPS, Math.floor(MOST_BYTES / mask.length)));
  if (held.past.length > most) held.past.shift();
  Object.assign(held, { mask, touched, future: [] });
  return true;
}

export function undo(held) { return step(held, held.past, held.future); }

export function redo(held) { return step(held, held.future, held.past); }

function step(held, from, to) {
  if (!from.length) return false;
  to.push([held.mask, held.touched]);
  [held.mask, held.touched] = from.pop();
  return true;
}

// The newest of what is told: one that is newer than what is held is one more step, which can be undone.
export function takeUp(held, told, unpacked) {
  if (!told || told.revision <= held.revision) return false;
  held.revision = told.revision;
  held.unsent = false;
  const mask = told.bits ? unpacked(told.bits) : new Uint8Array(held.mask.length);
  return mask ? change(held, mask, Boolean(told.bits)) : false;
}

export function stored(key, store = window.localStorage) {
  try {
    const found = JSON.parse(store.getItem(NAME + key));
    return Number.isSafeInteger(found?.revision) && typeof found.bits === "string" ? found : null;
  } catch { return null; } // a browser that keeps nothing
}

export function store(key, told, where = window.localStorage) {
  try {
    if (told) where.setItem(NAME + key, JSON.stringify(told));
    else where.removeItem(NAME + key);
  } catch { /* full, or not allowed: the server hears of it all the same */ }
}

export function isOf(key, event) { return event.key === NAME + key; }
