// Ways to hatch a mask, so that colour is never alone. Python names them and gives each mask its own.

import { element } from "./elements.js";

export const PATTERNS = { // drawn with lines in shares of a tile, or with the pen itself
  rising: (line) => { for (const by of [-1, 0, 1]) line(by, 1, by + 1, 0); },
  falling: (line) => { for (const by of [-1, 0, 1]) line(by, 0, by + 1, 1); },
  upright: (line) => line(0.5, 0, 0.5, 1),
  level: (line) => line(0, 0.5, 1, 0.5),
  dots: (_, pen, side) => { pen.arc(side / 2, side / 2, side / 4, 0, 7); pen.fill(); },
  lattice: (line) => { line(0.5, 0, 0.5, 1); line(0, 0.5, 1, 0.5); },
};

export function pattern(name, colour, fine) {
  const tile = element("canvas"), side = 8 * fine;
  tile.width = tile.height = side;
  const pen = tile.getContext("2d");
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = 2 * fine;
  const line = (x1, y1, x2, y2) => { pen.beginPath(); pen.moveTo(x1 * side, y1 * side); pen.lineTo(x2 * side, y2 * side); pen.stroke(); };
  PATTERNS[name](line, pen, side);
  return tile;
}
