// A mask as one byte a pixel, row by row: what is painted, found and counted in it. Nothing here touches a page.

const AROUND = [[-1, -1], [0, -1], [1, -1], [-1, 0], [1, 0], [-1, 1], [0, 1], [1, 1]];
const BESIDE = [[0, -1], [-1, 0], [1, 0], [0, 1]];

export function pack(mask) { // as numpy.packbits writes it, in base64
  const bytes = new Uint8Array((mask.length + 7) >> 3);
  for (let n = 0; n < mask.length; n++) if (mask[n]) bytes[n >> 3] |= 128 >> (n & 7);
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

export function unpack(text, length) { // null where the text is of another size
  const bytes = atob(text);
  if (bytes.length !== (length + 7) >> 3) return null;
  return Uint8Array.from({ length }, (_, n) => (bytes.charCodeAt(n >> 3) >> (7 - (n & 7))) & 1);
}

export function within({ width, height }, column, row) { return column >= 0 && row >= 0 && column < width && row < height; }

// Pixels under a round brush that goes from one place to another; the one under the pointer always is.
export function stroke(grid, mask, from, to, size, value) {
  const steps = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) * 2));
  for (let n = 0; n <= steps; n++) dab(grid, mask, from.map((start, k) => start + (to[k] - start) * n / steps), size, value);
}

function dab(grid, mask, [x, y], size, value) {
  const reach = size / 2;
  for (let row = Math.floor(y - reach); row <= y + reach; row++) {
    for (let column = Math.floor(x - reach); column <= x + reach; column++) {
      const near = Math.hypot(column + 0.5 - x, row + 0.5 - y) <= reach || (column === Math.floor(x) && row === Math.floor(y));
      if (near && within(grid, column, row)) mask[row * grid.width + column] = value;
    }
  }
}

// A line of pixels that touch by their sides: nothing slips through it at a corner.
export function line(grid, mask, from, to, value) {
  let [column, row] = from.map(Math.floor);
  const [endColumn, endRow] = to.map(Math.floor);
  const across = Math.abs(endColumn - column), down = Math.abs(endRow - row);
  for (let gone = 0, sunk = 0; ;) {
    if (within(grid, column, row)) mask[row * grid.width + column] = value;
    if (gone === across && sunk === down) return;
    if (sunk === down || (gone < across && (gone + 0.5) * down <= (sunk + 0.5) * across)) { column += Math.sign(endColumn - column); gone++; }
    else { row += Math.sign(endRow - row); sunk++; }
  }
}

function flood({ width, height }, start, holds, ways) { // a mask of what is reached from a pixel
  const reached = new Uint8Array(width * height), waiting = [start];
  if (!holds(start)) return reached;
  reached[start] = 1;
  while (waiting.length) {
    const at = waiting.pop(), column = at % width, row = (at - column) / width;
    for (const [dx, dy] of ways) {
      const x = column + dx, y = row + dy, next = y * width + x;
      if (x < 0 || y < 0 || x >= width || y >= height || reached[next] || !holds(next)) continue;
      reached[next] = 1;
      waiting.push(next);
    }
  }
  return reached;
}

export function objectAt(grid, mask, at) { return flood(grid, at, (n) => mask[n], AROUND); } // corners touch too

export function countObjects(grid, mask) {
  const seen = new Uint8Array(mask.length);
  let found = 0;
  for (let n = 0; n < mask.length; n++) {
    if (!mask[n] || seen[n]) continue;
    found++;
    join(seen, objectAt(grid, mask, n));
  }
  return found;
}

// What is joined to a pixel and scores no less than it; nothing where the pixel has no score.
export function levelAt(grid, score, at) { return flood(grid, at, (n) => score[n] >= score[at], AROUND); }

export function belowIn(grid, mask, score, at) { // of the object here, what scores less than this pixel does
  return objectAt(grid, mask, at).map((one, n) => (one && !(score[n] >= score[at]) ? 1 : 0));
}

export function join(mask, more) { for (let n = 0; n < mask.length; n++) if (more[n]) mask[n] = 1; return mask; }

export function remove(mask, less) { for (let n = 0; n < mask.length; n++) if (less[n]) mask[n] = 0; return mask; }

export function withoutHoles(grid, mask) { // what is not reached from the edge of the patch belongs to an object
  const { width, height } = grid, wide = { width: width + 2, height: height + 2 }, framed = new Uint8Array(wide.width * wide.height);
  for (let row = 0; row < height; row++) framed.set(mask.subarray(row * width, (row + 1) * width), (row + 1) * wide.width + 1);
  const outside = flood(wide, 0, (n) => !framed[n], BESIDE);
  return mask.map((_, n) => (outside[(Math.floor(n / width) + 1) * wide.width + n % width + 1] ? 0 : 1));
}

export function pixels(mask) { return mask.reduce((sum, one) => sum + one, 0); }

export function area({ width, areas }, mask) { // square metres; NaN on a plane without a place
  if (!areas) return Number.NaN;
  return areas.reduce((sum, one, row) => sum + one * pixels(mask.subarray(row * width, (row + 1) * width)), 0);
}
