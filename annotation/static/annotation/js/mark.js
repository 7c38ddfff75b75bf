// Where a mark lies: places are shares of the picture, 0 to 1, four digits of each.
export const NEW = { box: [0.35, 0.35, 0.65, 0.65], point: [0.5, 0.5], line: [0.35, 0.5, 0.65, 0.5] };
const SMALLEST = 0.005; // As the server sees it.

/** What a mark may be taken by: the places in `at` of each corner or end. */
export const GRIPS = { box: [[0, 1], [2, 1], [2, 3], [0, 3]], line: [[0, 1], [2, 3]], point: [] };

const rounded = (share) => Math.round(share * 10000) / 10000;
export const within = (share) => rounded(Math.min(Math.max(share, 0), 1));

/** The corners of a box from top left to bottom right; a line keeps its direction. */
export function sorted(kind, at) {
  const [x1, y1, x2, y2] = at;
  return kind === "box" ? [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)] : at;
}

/** All of a mark moved, or the corner or end at `places` alone; never out of the picture. */
export function moved(at, by, places = at.map((_, index) => index)) {
  const [dx, dy] = by.map((way, axis) => {
    const there = places.filter((index) => index % 2 === axis).map((index) => at[index]);
    return Math.max(-Math.min(...there), Math.min(way, 1 - Math.max(...there)));
  });
  return at.map((share, index) => (places.includes(index) ? rounded(share + (index % 2 ? dy : dx)) : share));
}

/** Whether it is large enough to be seen, and a box not turned inside out. */
export function isSound(kind, [x1, y1, x2, y2]) {
  const extent = [x2 - x1, y2 - y1];
  return kind === "point" || (kind === "box" ? Math.min(...extent) : Math.max(...extent.map(Math.abs))) >= SMALLEST;
}
