// The layer over one picture on which marks are drawn and moved: it lies on the picture as shown, however large that is.
import { GRIPS, isSound, moved, sorted, within } from "./mark.js";
import { element, markOf, shapes } from "./shapes.js";

const TOO_SMALL = 6; // Pixels: what is shorter was a slip of the hand.
const STILL = 3; // Pixels that a hand which means to stay moves all the same.

export class Layer {
  /**
   * `tool()` is the mark being drawn, `drawn(at)` takes one, `taken(part)` hears which was touched, `changed(part, at)` where it
   * was put; `seen()` hears that the picture was covered or shown.
   */
  constructor(frame, { tool, drawn, taken, changed, seen }) {
    Object.assign(this, { frame, tool, drawn, taken, changed, picture: frame.querySelector("img"), marks: [] });
    // The list says the same in words.
    this.svg = element("svg", { class: "marks-layer", "aria-hidden": "true" });
    this.picture.after(this.svg);
    const observer = new ResizeObserver(() => this.place());
    for (const each of [this.picture, this.picture.parentElement]) observer.observe(each);
    this.picture.addEventListener("load", () => this.place());
    for (const type of ["veil:shown", "veil:covered"]) frame.addEventListener(type, () => seen());
    this.svg.addEventListener("pointerdown", (event) => this.begin(event));
    // A finger on the mark that was touched last moves it and not the page; touch-action says nothing inside an SVG.
    this.svg.addEventListener("touchstart", (event) => { if (event.target.closest(".current [data-hold]")) event.preventDefault(); }, { passive: false });
  }

  get isOpen() { return !("veil" in this.frame.dataset) || "shownAt" in this.frame.dataset; }

  hold(isDrawing) { this.svg.classList.toggle("drawing", isDrawing); }

  /** Onto the picture: it may be smaller than its box, which keeps its proportions. */
  place() {
    const { offsetLeft, offsetTop, offsetWidth, offsetHeight, naturalWidth, naturalHeight } = this.picture;
    if (!naturalWidth || !offsetWidth) return;
    const scale = Math.min(offsetWidth / naturalWidth, offsetHeight / naturalHeight);
    const [width, height] = [naturalWidth * scale, naturalHeight * scale];
    const left = offsetLeft + (offsetWidth - width) / 2;
    const top = offsetTop + (offsetHeight - height) / 2;
    Object.assign(this.svg.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
  }

  /** Those of all marks that lie on this picture: [part, its place among all]; `current` is the one that was touched last. */
  draw(marks, current) {
    Object.assign(this, { marks, current });
    const shown = marks.map(([part, index]) => markOf(part, index, part === current));
    // The current one on top, where it can be taken.
    this.svg.replaceChildren(...shown.filter((mark) => !mark.matches(".current")), ...shown.filter((mark) => mark.matches(".current")));
  }

  at(event) {
    const { left, top, width, height } = this.svg.getBoundingClientRect();
    return [(event.clientX - left) / width, (event.clientY - top) / height];
  }

  begin(event) {
    if (!this.isOpen || event.button !== 0) return;
    // A second finger means to zoom.
    if (!event.isPrimary) return void this.drop?.();
    const hold = event.target.closest("[data-hold]");
    if (!hold && !this.tool()) return;
    event.preventDefault();
    // A picture in its full size is dragged by the same gesture.
    event.stopPropagation();
    this.svg.setPointerCapture(event.pointerId);
    if (hold) this.move(event, hold);
    else this.sketch(event);
  }

  /** `go(event)` while the pointer moves, `end(event)` when it is lifted, `stop()` whichever way it ends. */
  follow(go, { end, stop }) {
    const watch = new AbortController();
    this.drop = () => { watch.abort(); this.drop = null; stop(); };
    this.svg.addEventListener("pointermove", go, { signal: watch.signal });
    this.svg.addEventListener("pointerup", (event) => { this.drop(); end(event); }, { signal: watch.signal });
    this.svg.addEventListener("pointercancel", () => this.drop(), { signal: watch.signal });
  }

  /** A new mark, from where the pointer went down to where it is lifted. */
  sketch(event) {
    const [kind, start] = [this.tool(), this.at(event).map(within)];
    const to = (now) => sorted(kind, [...start, ...this.at(now).map(within)]);
    const clear = () => this.svg.querySelector(".sketch")?.remove();
    const draw = (now) => {
      clear();
      const [shape] = shapes({ kind, at: to(now) }, "");
      shape.classList.add("sketch");
      this.svg.append(shape);
    };
    const end = (now) => {
      const across = [now.clientX - event.clientX, now.clientY - event.clientY].map(Math.abs);
      const extent = kind === "box" ? Math.min(...across) : Math.max(...across);
      if (kind === "point") this.drawn(start);
      else if (extent >= TOO_SMALL && isSound(kind, to(now))) this.drawn(to(now));
    };
    this.follow(kind === "point" ? () => {} : draw, { end, stop: clear });
  }

  /** All of a mark, or a corner or end of it, as far as the pointer goes; one step of undo for all of that. */
  move(event, hold) {
    const index = Number(hold.parentElement.dataset.mark);
    const [part] = this.marks.find(([, place]) => place === index);
    const places = GRIPS[part.kind][hold.dataset.hold || -1];
    const start = this.at(event);
    let to = null;
    // A finger that moves over a mark scrolls the page: a mark must be touched before it can be moved.
    const isFixed = event.pointerType === "touch" && part !== this.current;
    const go = (now) => {
      if (isFixed) return;
      if (!to && Math.hypot(now.clientX - event.clientX, now.clientY - event.clientY) < STILL) return;
      const by = this.at(now).map((share, axis) => share - start[axis]);
      const at = sorted(part.kind, moved(part.at, by, places));
      if (!isSound(part.kind, at)) return;
      to = at;
      this.svg.querySelector(`[data-mark="${index}"]`).replaceWith(markOf({ ...part, at }, index, true));
    };
    if (!isFixed) this.taken(part);
    const end = () => {
      if (isFixed) this.taken(part);
      if (to) this.changed(part, to);
    };
    this.follow(go, { end, stop: () => this.draw(this.marks, this.current) });
  }
}
