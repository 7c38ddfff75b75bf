// Marks on pictures: boxes, points and lines, drawn and moved by pointer or by keys.
import { Given } from "./given.js";
import { Layer } from "./layer.js";
import { NEW, isSound, moved } from "./mark.js";
import { withEach } from "./sheets.js";

const STEP = 0.01; // How far an arrow key moves a mark.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// Each field of marks gets its tools and its pictures.
withEach((sheet) => {
  for (const field of sheet.querySelectorAll('[data-kind="marks"]')) new Marks(sheet, field);
});

class Marks {
  constructor(sheet, field) {
    const side = field.dataset.side;
    const frames = sheet.querySelectorAll(`${side ? `[data-pane="${side}"]` : ".prompt-media"} [data-media="image"]`);
    Object.assign(this, { field, tool: null, current: null });
    this.box = field.querySelector("[data-draw]");
    this.layers = [...frames].map((frame, on) => new Layer(frame, {
      tool: () => this.tool,
      drawn: (at) => this.add({ kind: this.tool, on, at, note: "" }, { focus: false }),
      // From here on keys are about this mark.
      taken: (part) => { this.take(part); this.given.button(field.drawn.indexOf(part)).focus({ preventScroll: true }); },
      changed: (part, at) => this.given.change(part, { at }),
      seen: () => this.allow(),
    }));
    this.given = new Given(field, {
      words: (part) => this.words(part),
      draw: () => this.draw(),
      press: (event, part) => this.press(event, part),
      row: (line, part) => line.addEventListener("focusin", () => this.take(part)),
    });
    this.tools = [...field.querySelectorAll("[data-tool]")];
    for (const tool of this.tools) tool.addEventListener("click", (event) => this.use(tool.dataset.tool, event));
    this.box.addEventListener("keydown", (event) => { if (event.key === "Escape") this.hold(null); });
    this.allow();
  }

  /** Nothing is drawn on what is covered. */
  allow() {
    const open = this.layers.some((layer) => layer.isOpen);
    for (const tool of this.tools ?? []) tool.disabled = !open;
    if (!open) this.hold(null);
  }

  /** By pointer a tool is taken up or put down; by key it leaves a mark in the middle, to be moved. */
  use(kind, event) {
    if (event.detail > 0) return this.hold(this.tool === kind ? null : kind);
    const on = Math.max(0, this.layers.findIndex((layer) => layer.isOpen));
    return this.add({ kind, on, at: [...NEW[kind]], note: "" }, { focus: true });
  }

  hold(kind) {
    this.tool = kind;
    for (const tool of this.tools ?? []) tool.setAttribute("aria-pressed", String(tool.dataset.tool === kind));
    for (const layer of this.layers) layer.hold(kind !== null);
  }

  add(part, { focus }) {
    this.current = part;
    this.given.add(part, { focus });
  }

  /** The mark that was touched, on the picture or in the list, stands out in both. */
  take(part) {
    if (this.current === part) return;
    this.current = part;
    this.draw();
  }

  draw() {
    const marks = this.field.drawn.map((part, index) => [part, index]);
    this.layers.forEach((layer, on) => layer.draw(marks.filter(([part]) => part.on === on), this.current));
    [...this.box.querySelector("[data-list]").children].forEach((row, index) => row.classList.toggle("current", this.field.drawn[index] === this.current));
  }

  /** Arrows move a mark; with Shift the far end only. Page keys bring it to another picture. */
  press(event, part) {
    if (event.key === "PageDown" || event.key === "PageUp") {
      const on = part.on + (event.key === "PageDown" ? 1 : -1);
      if (this.layers[on]) this.given.change(part, { on });
      return true;
    }
    const way = ARROWS[event.key]?.map((share) => share * STEP);
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return false;
    const at = moved(part.at, way, event.shiftKey && part.at.length > 2 ? [2, 3] : undefined);
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
