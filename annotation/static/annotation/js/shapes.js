// The SVG of a mark on its picture: its outline, its number, and what it is taken by.
import { GRIPS, sorted } from "./mark.js";

const SVG = "http://www.w3.org/2000/svg";
const OUT = 5; // Pixels by which a box is taken outside its corners, so that a small one has an inside left.
const percent = (share) => `${share * 100}%`;

export function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** Outline and number; a sketch has no number. */
export function shapes({ kind, at }, number) {
  const [x1, y1] = sorted(kind, at);
  const label = element("text", { x: percent(x1), y: percent(y1), dx: 4, dy: kind === "box" ? 16 : -4, "font-size": 13 });
  label.textContent = number;
  return [outline(kind, at, { class: "outline", ...(kind === "point" && { r: 6 }) }), label];
}

function outline(kind, at, more) {
  const [x1, y1, x2, y2] = sorted(kind, at);
  if (kind === "point") return element("circle", { cx: percent(x1), cy: percent(y1), ...more });
  if (kind === "line") return element("line", { x1: percent(x1), y1: percent(y1), x2: percent(x2), y2: percent(y2), ...more });
  return element("rect", { x: percent(x1), y: percent(y1), width: percent(x2 - x1), height: percent(y2 - y1), ...more });
}

/** A mark that can be taken: by all of it, and by each corner or end. `index` is its place among all. */
export function markOf(part, index, isCurrent) {
  const group = element("g", { class: `mark${isCurrent ? " current" : ""}`, "data-mark": index });
  group.append(...shapes(part, index + 1), outline(part.kind, part.at, { class: "hold", "data-hold": "" }));
  GRIPS[part.kind].forEach(([x, y], grip) => {
    const [left, top] = [part.at[x], part.at[y]];
    const place = { cx: percent(left), cy: percent(top) };
    const out = part.kind === "box" ? [x ? OUT : -OUT, y === 1 ? -OUT : OUT] : [0, 0];
    group.append(element("circle", { ...place, class: "grip" }), element("circle", { ...place, class: "hold", "data-hold": grip, transform: `translate(${out})` }));
  });
  return group;
}
