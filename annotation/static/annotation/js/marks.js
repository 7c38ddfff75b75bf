// Marks on pictures: boxes, points and lines, drawn by pointer or by keys; coordinates are shares of the picture.
import { Given } from "./given.js";
import { Layer } from "./layer.js";
import { withEach } from "./sheets.js";

const STEP = 0.01; // How far an arrow key moves a mark.
const SMALLEST = 0.005;
const NEW = { box: [0.35, 0.35, 0.65, 0.65], point: [0.5, 0.5], line: [0.35, 0.5, 0.65, 0.5] };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// Each field of marks gets its tools and its pictures.
withEach((sheet) => {
  for (const field of sheet.querySelectorAll('[data-kind="marks"]')) new Marks(sheet, field);
});

class Marks {
  constructor(sheet, field) {
    const side = field.dataset.side;
    const frames = sheet.querySelectorAll(`${side ? `[data-pane="${side}"]` : ".prompt-media"} [data-media="image"]`);
    this.tool = null;
    this.box = field.querySelector("[data-draw]");
    this.layers = [...frames].map((frame, on) => new Layer(frame, {
      tool: () => this.tool,
      drawn: (at) => this.given.add({ kind: this.tool, on, at, note: "" }, { focus: false }),
      seen: () => this.allow(),
    }));
    this.given = new Given(field, {
      words: (part) => this.words(part),
      draw: () => this.layers.forEach((layer, on) => layer.draw(field.drawn, on)),
      press: (event, part) => this.press(event, part),
    });
    this.tools = [...field.querySelectorAll("[data-tool]")];
    for (const tool of this.tools) tool.addEventListener("click", (event) => this.use(tool.dataset.tool, event));
    this.box.addEventListener("keydown", (event) => { if (event.key === "Escape") this.take(null); });
    this.allow();
  }

  /** Nothing is drawn on what is covered. */
  allow() {
    const open = this.layers.some((layer) => layer.isOpen);
    for (const tool of this.tools ?? []) tool.disabled = !open;
    if (!open) this.take(null);
  }

  /** By pointer a tool is taken up or put down; by key it leaves a mark in the middle, to be moved. */
  use(kind, event) {
    if (event.detail > 0) return this.take(this.tool === kind ? null : kind);
    const on = Math.max(0, this.layers.findIndex((layer) => layer.isOpen));
    return this.given.add({ kind, on, at: [...NEW[kind]], note: "" }, { focus: true });
  }

  take(kind) {
    this.tool = kind;
    for (const tool of this.tools ?? []) tool.setAttribute("aria-pressed", String(tool.dataset.tool === kind));
    for (const layer of this.layers) layer.hold(kind !== null);
  }

  /** Arrows move a mark; with Shift the far end only. Page keys bring it to another picture. */
  press(event, part) {
    if (event.key === "PageDown" || event.key === "PageUp") {
      const on = part.on + (event.key === "PageDown" ? 1 : -1);
      if (this.layers[on]) this.given.change(part, { on });
      return true;
    }
    const way = ARROWS[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return false;
    const at = moved(part.at, way, event.shiftKey && part.at.length > 2);
    if (isSound(part.kind, at)) this.given.change(part, { at });
    return true;
  }

  words(part) {
    const percent = (share) => `${Math.round(share * 1000) / 10} %`;
    const [from, to] = [part.at.slice(0, 2), part.at.slice(2)].map((place) => place.map(percent).join(", "));
    const said = fill(this.box.dataset[part.kind], { from, to });
    return this.layers.length > 1 ? `${said} (${part.on + 1})` : said;
  }
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name]);

/** All of a mark moved, or its far end alone, never out of the picture. */
function moved(at, [right, down], endOnly) {
  const first = endOnly ? 2 : 0;
  const part = at.slice(first);
  const [dx, dy] = [right, down].map((way, axis) => {
    const places = part.filter((_, index) => index % 2 === axis);
    return Math.max(-Math.min(...places), Math.min(way * STEP, 1 - Math.max(...places)));
  });
  const shift = (share, index) => Math.round((share + (index % 2 ? dy : dx)) * 10000) / 10000;
  return [...at.slice(0, first), ...part.map(shift)];
}

const isSound = (kind, [x1, y1, x2, y2]) => kind !== "box" || (x2 - x1 >= SMALLEST && y2 - y1 >= SMALLEST);
