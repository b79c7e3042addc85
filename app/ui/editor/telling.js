// The server hears of every step at once; until it has, the browser keeps it for other tabs and the next page.

import { pack, unpack } from "./bits.js";
import { store, stored, takeUp } from "./history.js";

export function tell(v) {
  const { held, data } = v;
  held.revision = Math.max(held.revision, data.held.revision) + 1;
  const told = { revision: held.revision, bits: held.touched ? pack(held.mask) : "" };
  store(data.key, told);
  v.setState("outline", told);
}

export function takeNews(v) { // of the server, of another tab, of a page that was left before its server heard
  const { held, data } = v, kept = stored(data.key), read = (bits) => unpack(bits, held.mask.length);
  const news = takeUp(held, data.held, read), late = takeUp(held, kept, read);
  if (kept && kept.revision <= data.held.revision) store(data.key, null);
  else if (kept && kept.revision === held.revision && v.resent !== kept.revision) {
    v.resent = kept.revision;
    v.setState("outline", kept);
  }
  return news || late;
}
