// What is marked at a threshold, and how it fares: the same counts as app/lessons/bench.py, which tests hold both to.

export const STEPS = 254; // of a score, from 1; 0 is a pixel that is not judged

export function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

export function stepOf(cut, highest) {
  return Math.min(STEPS - 1, Math.max(0, Math.floor((cut / highest) * (STEPS - 1) + 0.5))) + 1;
}

export function cutOf(step, highest) {
  return ((step - 1) / (STEPS - 1)) * highest;
}

export function marked(steps, step, width, smallest) { // `smallest` in pixels: groups below it are left out
  const mask = new Uint8Array(steps.length);
  for (let at = 0; at < steps.length; at += 1) mask[at] = steps[at] >= step && steps[at] > 0 ? 1 : 0;
  return smallest > 1 ? withoutSmall(mask, width, smallest) : mask;
}

function withoutSmall(mask, width, smallest) {
  const seen = new Uint8Array(mask.length), kept = mask.slice();
  for (let start = 0; start < mask.length; start += 1) {
    if (!mask[start] || seen[start]) continue;
    const group = grown(mask, seen, width, start);
    if (group.length < smallest) for (const at of group) kept[at] = 0;
  }
  return kept;
}

function grown(mask, seen, width, start) { // pixels that touch, corners included
  const group = [start], height = mask.length / width;
  seen[start] = 1;
  for (let next = 0; next < group.length; next += 1) {
    const row = Math.floor(group[next] / width), column = group[next] % width;
    for (let r = Math.max(0, row - 1); r <= Math.min(height - 1, row + 1); r += 1) {
      for (let c = Math.max(0, column - 1); c <= Math.min(width - 1, column + 1); c += 1) {
        const at = r * width + c;
        if (mask[at] && !seen[at]) {
          seen[at] = 1;
          group.push(at);
        }
      }
    }
  }
  return group;
}

export function confusion(mask, steps, truth) {
  const counts = { tp: 0, fp: 0, fn: 0, tn: 0 };
  for (let at = 0; at < mask.length; at += 1) {
    if (!steps[at]) continue;
    if (mask[at]) counts[truth[at] ? "tp" : "fp"] += 1;
    else counts[truth[at] ? "fn" : "tn"] += 1;
  }
  return counts;
}

export function rates({ tp, fp, fn, tn }) { // NaN where there is nothing to divide by
  return {
    precision: tp / (tp + fp), recall: tp / (tp + fn), f1: (2 * tp) / (2 * tp + fp + fn), iou: tp / (tp + fp + fn),
    accuracy: (tp + tn) / (tp + fp + fn + tn),
  };
}

export function curve(steps, truth, width, smallest, every = 2) { // a point for each threshold that marks anything
  const found = [];
  for (let step = 1; step <= STEPS; step += every) {
    const rate = rates(confusion(marked(steps, step, width, smallest), steps, truth));
    if (Number.isFinite(rate.precision) && Number.isFinite(rate.recall)) found.push({ step, ...rate });
  }
  return found;
}

export function histogram(steps, bins) { // pixels that are judged, in bins of equal width
  const counts = new Array(bins).fill(0);
  for (const step of steps) if (step) counts[Math.min(bins - 1, Math.floor(((step - 1) * bins) / STEPS))] += 1;
  return counts;
}
