// The layer over one picture on which marks are drawn: it lies on the picture as shown, however large that is.
const SVG = "http://www.w3.org/2000/svg";
const TOO_SMALL = 6; // Pixels: what is shorter was a slip of the hand.
const percent = (share) => `${share * 100}%`;

export class Layer {
  /** `tool()` is the mark being drawn, `drawn(at)` takes one, `seen()` hears that the picture was covered or shown. */
  constructor(frame, { tool, drawn, seen }) {
    Object.assign(this, { frame, tool, drawn, picture: frame.querySelector("img") });
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.classList.add("marks-layer");
    // The list says the same in words.
    this.svg.setAttribute("aria-hidden", "true");
    this.picture.after(this.svg);
    new ResizeObserver(() => this.place()).observe(this.picture);
    this.picture.addEventListener("load", () => this.place());
    for (const type of ["veil:shown", "veil:covered"]) frame.addEventListener(type, () => seen());
    this.svg.addEventListener("pointerdown", (event) => this.begin(event));
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

  /** The marks on this picture, each with its number among all. */
  draw(parts, on) {
    this.svg.replaceChildren();
    parts.forEach((part, index) => { if (part.on === on) this.svg.append(...shapes(part, index + 1)); });
  }

  at(event) {
    const { left, top, width, height } = this.svg.getBoundingClientRect();
    const share = (value) => Math.round(Math.min(Math.max(value, 0), 1) * 10000) / 10000;
    return [share((event.clientX - left) / width), share((event.clientY - top) / height)];
  }

  begin(event) {
    const kind = this.tool();
    if (!kind || !this.isOpen || event.button !== 0) return;
    event.preventDefault();
    // A picture in its full size is dragged by the same gesture.
    event.stopPropagation();
    const start = this.at(event);
    if (kind === "point") return void this.drawn(start);
    this.svg.setPointerCapture(event.pointerId);
    const sketch = (now) => {
      this.svg.querySelector(".sketch")?.remove();
      const [shape] = shapes({ kind, at: [...start, ...this.at(now)] }, "");
      shape.classList.add("sketch");
      this.svg.append(shape);
    };
    const end = (now) => {
      this.svg.removeEventListener("pointermove", sketch);
      this.svg.querySelector(".sketch")?.remove();
      const across = [Math.abs(now.clientX - event.clientX), Math.abs(now.clientY - event.clientY)];
      const extent = kind === "box" ? Math.min(...across) : Math.max(...across);
      if (now.type === "pointerup" && extent >= TOO_SMALL) this.drawn(sorted(kind, [...start, ...this.at(now)]));
    };
    this.svg.addEventListener("pointermove", sketch);
    for (const type of ["pointerup", "pointercancel"]) this.svg.addEventListener(type, end, { once: true });
  }
}

/** The corners of a box from top left to bottom right; a line keeps its direction. */
function sorted(kind, at) {
  const [x1, y1, x2, y2] = at;
  return kind === "box" ? [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)] : at;
}

function shapes({ kind, at }, number) {
  const [x1, y1, x2, y2] = sorted(kind, at);
  const label = element("text", { x: percent(x1), y: percent(y1), dx: 4, dy: -4, "font-size": 13 });
  label.textContent = number;
  if (kind === "point") return [element("circle", { cx: percent(x1), cy: percent(y1), r: 6 }), label];
  if (kind === "line") return [element("line", { x1: percent(x1), y1: percent(y1), x2: percent(x2), y2: percent(y2) }), label];
  const corner = { x: percent(x1), y: percent(y1), width: percent(x2 - x1), height: percent(y2 - y1) };
  label.setAttribute("dy", 16);
  return [element("rect", corner), label];
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
