// One picture in a frame that scrolls: how large it is shown, and which place of it is in the middle.
const MOST = 8; // Times the size that fits, or the picture's own, whichever is more.
const NEAR = 0.005; // So close to the size that fits, it fits.
const AXES = [["Left", "Width"], ["Top", "Height"]];

/** `middle` is in shares of the picture; `scale` in pixels of the page for one of the picture, null while it fits. */
export class Zoom {
  constructor(frame, { moved }) {
    Object.assign(this, { frame, moved, picture: frame.querySelector("img"), scale: null, middle: [0.5, 0.5], at: [0, 0] });
    this.view = document.createElement("div");
    this.view.className = "picture-view";
    this.picture.draggable = false;
    this.picture.before(this.view);
    this.view.append(this.picture);
    this.view.addEventListener("scroll", () => this.notice());
    new ResizeObserver(() => this.show()).observe(this.view);
    for (const type of ["veil:shown", "veil:covered"]) frame.addEventListener(type, () => this.show());
    this.picture.addEventListener("load", () => { this.measured = null; this.show(); });
  }

  /** What is covered is shown as it fits, whatever was chosen before. */
  get isOpen() { return !("veil" in this.frame.dataset) || "shownAt" in this.frame.dataset; }
  get isZoomed() { return this.scale !== null && this.isOpen; }
  get now() { return this.scale ?? this.fitting; }
  get size() { return ["width", "height"].map((name) => Number(this.picture.getAttribute(name)) || 1); }

  /** The scale at which it fits, as the style sheet decides: measured once for each width of the frame. */
  get fitting() {
    const [room, { view }] = [`${this.frame.clientWidth} ${window.innerHeight}`, this];
    if (!this.frame.clientWidth) return 1;
    if (this.measured?.room === room) return this.measured.scale;
    view.classList.remove("zoomed");
    const { width, height } = this.picture.getBoundingClientRect();
    view.classList.toggle("zoomed", this.isZoomed);
    this.measured = { room, scale: Math.min(width / this.size[0], height / this.size[1]) || 1 };
    this.settle();
    return this.measured.scale;
  }

  /** As much of a factor as this picture takes. */
  allowed(factor) {
    const { now, fitting } = this;
    const [least, most] = [Math.min(fitting, 1), MOST * Math.max(fitting, 1)];
    return Math.min(Math.max(now * factor, least), most) / now;
  }

  /** Larger or smaller, with what lies at `from` (a place in the window; the frame's middle if none) brought to `to`. */
  by(factor, from = this.centre, to = from) {
    const share = this.shareAt(from);
    this.set(this.now * factor);
    const { left, top } = this.view.getBoundingClientRect();
    this.scrollTo(share, [to[0] - left, to[1] - top]);
    this.read();
  }

  set(scale) {
    const { fitting } = this;
    this.scale = scale === null || Math.abs(scale / fitting - 1) < NEAR ? null : scale;
    if (this.scale === null) this.middle = [0.5, 0.5];
    this.show();
  }

  show() {
    this.view.classList.toggle("zoomed", this.isZoomed);
    const [width, height] = this.size.map((side) => `${side * this.now}px`);
    for (const [name, value] of [["--picture-width", width], ["--picture-height", height]]) this.view.style.setProperty(name, value);
    this.settle();
    this.frame.dispatchEvent(new Event("zoom:shown"));
  }

  /** The same place in the middle as before. */
  settle() {
    if (this.isZoomed) this.scrollTo(this.middle, [this.view.clientWidth / 2, this.view.clientHeight / 2]);
  }

  /** Share of the picture, wherever the frame can be scrolled, to a place in the frame. */
  scrollTo(share, place) {
    AXES.forEach(([start, length], axis) => {
      this.view[`scroll${start}`] = this.picture[`offset${start}`] + share[axis] * this.picture[`offset${length}`] - place[axis];
    });
    this.at = AXES.map(([start]) => this.view[`scroll${start}`]);
  }

  /** By how many pixels it can be scrolled, across and down. */
  get room() { return AXES.map(([, length]) => this.view[`scroll${length}`] - this.view[`client${length}`]); }

  read() {
    const { room } = this;
    this.middle = AXES.map(([start, length], axis) => (room[axis] < 1 ? this.middle[axis]
      : (this.view[`scroll${start}`] + this.view[`client${length}`] / 2 - this.picture[`offset${start}`]) / this.picture[`offset${length}`]));
  }

  /** Scrolled by hand, not by `scrollTo`. */
  notice() {
    if (!this.isZoomed || AXES.every(([start], axis) => Math.abs(this.view[`scroll${start}`] - this.at[axis]) < 1)) return;
    this.at = AXES.map(([start]) => this.view[`scroll${start}`]);
    this.read();
    this.moved();
  }

  /** The same place of this picture as of the other, where that one has room to be moved. */
  follow(other) {
    const { room } = other;
    this.middle = this.middle.map((share, axis) => (room[axis] < 1 ? share : other.middle[axis]));
    this.settle();
  }

  get centre() {
    const { left, top } = this.view.getBoundingClientRect();
    return [left + this.view.clientWidth / 2, top + this.view.clientHeight / 2];
  }

  shareAt([x, y]) {
    const { left, top, width, height } = this.picture.getBoundingClientRect();
    const [scale, sizes] = [this.now, this.size];
    // While it fits, the picture may be smaller than its box.
    const shown = this.isZoomed ? [width, height] : sizes.map((side) => side * scale);
    return [(x - left - (width - shown[0]) / 2) / shown[0], (y - top - (height - shown[1]) / 2) / shown[1]].map((share) => Math.min(Math.max(share, 0), 1));
  }
}
