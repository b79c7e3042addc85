// From a mask to outlines with corners, and back to pixels.

const ON_LINE_PX = 0.75; // corners no further from a straight side are none: a slope of steps becomes one side

// Rings along the edges of pixels, the mask on their right; where pixels meet at a corner alone the rings part.
export function rings({ width, height }, mask) {
  const inside = (x, y) => x >= 0 && y >= 0 && x < width && y < height && mask[y * width + x];
  const leaving = new Map(), side = width + 1;
  const edge = (x, y, dx, dy) => {
    const at = y * side + x;
    leaving.set(at, [...(leaving.get(at) ?? []), [dx, dy]]);
  };
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (inside(x, y)) {
    if (!inside(x, y - 1)) edge(x, y, 1, 0);
    if (!inside(x + 1, y)) edge(x + 1, y, 0, 1);
    if (!inside(x, y + 1)) edge(x + 1, y + 1, -1, 0);
    if (!inside(x - 1, y)) edge(x, y + 1, 0, -1);
  }
  const found = [];
  while (leaving.size) found.push(walk(leaving, side));
  return found;
}

function walk(leaving, side) {
  const start = leaving.keys().next().value, ring = [];
  let at = start, [dx, dy] = [0, 0];
  do {
    const ways = leaving.get(at), right = ways.findIndex(([x, y]) => x === -dy && y === dx);
    const [next] = ways.splice(Math.max(0, right), 1);
    if (!ways.length) leaving.delete(at);
    if (next[0] !== dx || next[1] !== dy) ring.push([at % side, Math.floor(at / side)]);
    [dx, dy] = next;
    at += dy * side + dx;
  } while (at !== start);
  return ring;
}

export function simplified(ring) { // of a ring, the corners that matter, at least three
  let far = 0;
  ring.forEach((one, n) => { if (distance(one, ring[0]) > distance(ring[far], ring[0])) far = n; });
  const kept = [...between(ring.slice(0, far + 1)).slice(0, -1), ...between([...ring.slice(far), ring[0]]).slice(0, -1)];
  return kept.length < 3 ? ring : kept;
}

function between(points) { // Douglas and Peucker (1973), doi:10.3138/FM57-6770-U75U-7727
  const last = points.length - 1;
  let worst = 0, at = 0;
  for (let n = 1; n < last; n++) {
    const off = away(points[n], points[0], points[last]);
    if (off > worst) [worst, at] = [off, n];
  }
  if (worst <= ON_LINE_PX) return [points[0], points[last]];
  return [...between(points.slice(0, at + 1)).slice(0, -1), ...between(points.slice(at))];
}

function distance(a, b) { return Math.hypot(a[0] - b[0], a[1] - b[1]); }

function away(point, from, to) {
  const long = distance(from, to);
  if (!long) return distance(point, from);
  return Math.abs((to[0] - from[0]) * (from[1] - point[1]) - (from[0] - point[0]) * (to[1] - from[1])) / long;
}

export function filled({ width, height }, outlines) { // pixels whose middle lies inside an odd number of rings
  const mask = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const met = outlines.flatMap((ring) => crossings(ring, row + 0.5)).sort((a, b) => a - b);
    for (let n = 0; n + 1 < met.length; n += 2) {
      const first = Math.max(0, Math.ceil(met[n] - 0.5)), end = Math.min(width, Math.ceil(met[n + 1] - 0.5));
      if (end > first) mask.fill(1, row * width + first, row * width + end);
    }
  }
  return mask;
}

function crossings(ring, y) {
  return ring.flatMap(([x1, y1], n) => {
    const [x2, y2] = ring[(n + 1) % ring.length];
    return y1 <= y !== y2 <= y ? [x1 + (y - y1) * (x2 - x1) / (y2 - y1)] : [];
  });
}

export function edges(grid, mask) { // all outlines as one path of SVG
  return rings(grid, mask).map((ring) => `M${ring.map(([x, y]) => `${x} ${y}`).join("L")}Z`).join("");
}
