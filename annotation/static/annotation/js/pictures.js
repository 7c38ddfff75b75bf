// Pictures to look at closely: sized by button, key, wheel or two fingers, moved about; A and B together or apart.
import { page, stage } from "./page.js";
import { withEach } from "./sheets.js";
import { Zoom } from "./zoom.js";

const STEP = 1.25;
const WHEEL = 0.0025; // How much a pixel of the wheel counts; a pinch on a touchpad comes as one, with Ctrl.
const PINCH = 0.01;
const KEYS = { "+": "in", "-": "out", 0: "fit" };
const pairs = new WeakMap();
const isTogether = () => !page.classList.contains("unlinked");

// A and B may go together; pictures of the prompt go each by itself.
withEach((sheet) => {
  const [pair, alone] = [[], []];
  for (const frame of sheet.querySelectorAll('[data-media="image"]')) {
    const group = frame.closest("[data-pane]") ? pair : [];
    const picture = new Picture(frame, () => (isTogether() ? group : group.filter((one) => one === picture)));
    (group === pair ? pair : alone).push(picture);
    if (group !== pair) group.push(picture);
  }
  pairs.set(sheet, pair);
});

// Together again: B as A.
page.addEventListener("looks:apart", () => {
  const [first, second] = pairs.get(stage.querySelector("[data-sheet]")) ?? [];
  if (!second || !isTogether()) return;
  second.set(first.scale === null ? null : (first.scale / first.fitting) * second.fitting);
  second.follow(first);
});

class Picture extends Zoom {
  /** `group()` gives the pictures that go together with this one, itself among them. */
  constructor(frame, group) {
    super(frame, { moved: () => this.others.forEach((other) => other.follow(this)) });
    this.group = group;
    const bar = document.importNode(document.getElementById("zoom-bar").content, true).firstElementChild;
    this.view.after(bar);
    this.bar = bar;
    this.view.setAttribute("role", "group");
    this.view.setAttribute("aria-label", bar.dataset.view.replace("{name}", this.picture.alt));
    for (const button of bar.querySelectorAll("[data-zoom]")) button.addEventListener("click", () => this.act(button.dataset.zoom));
    this.view.addEventListener("keydown", (event) => this.press(event));
    this.view.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.view.addEventListener("pointerdown", (event) => this.drag(event));
    this.view.addEventListener("mousedown", (event) => this.refuseFocus(event));
    this.view.addEventListener("dblclick", (event) => this.closer(event));
    for (const type of ["touchstart", "touchmove"]) this.view.addEventListener(type, (event) => this.pinch(event), { passive: false });
    frame.addEventListener("zoom:shown", () => this.tell());
    this.tell();
  }

  get others() { return this.group().filter((one) => one !== this && one.isOpen); }

  /** All that go together, by a factor that each of them takes. */
  together(wanted, from, to) {
    if (!this.isOpen) return;
    const { others } = this;
    const least = (factor, one) => (wanted > 1 ? Math.min : Math.max)(factor, one.allowed(wanted));
    const factor = [this, ...others].reduce(least, wanted);
    this.by(factor, from, to);
    for (const other of others) { other.by(factor); other.follow(this); }
  }

  act(name) {
    if (name === "in" || name === "out") return this.together(name === "in" ? STEP : 1 / STEP);
    const scale = name === "fit" || this.isFull ? null : 1;
    for (const one of [this, ...this.others]) if (one.isOpen) one.set(scale);
    return undefined;
  }

  /** One pixel of the picture to one of the page. */
  get isFull() { return Math.abs(this.now - 1) < 0.005; }

  /** To its full size at that place, or larger where that is none; and back. */
  closer(event) {
    if (!this.isOpen) return;
    if (this.scale !== null) this.act("fit");
    else this.together(Math.max(1 / this.now, 2), [event.clientX, event.clientY]);
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.isOpen) return;
    const name = KEYS[event.key];
    if (name) event.preventDefault();
    if (name) this.act(name);
    // The page has other uses for these keys; the browser scrolls the frame by arrows.
    if (name || (this.isZoomed && event.key.startsWith("Arrow"))) event.stopPropagation();
  }

  /** A wheel alone scrolls, as everywhere on the page. */
  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const pixels = event.deltaMode ? event.deltaY * 16 : event.deltaY;
    this.together(Math.exp(-pixels * (Math.abs(pixels) < 40 ? PINCH : WHEEL)), [event.clientX, event.clientY]);
  }

  /** A click does not bring the focus here, so that arrows still choose between A and B. */
  refuseFocus(event) {
    if (this.isOnBar(event)) return;
    event.preventDefault();
    if (!this.view.contains(document.activeElement)) document.activeElement.blur();
  }

  isOnBar({ clientX, clientY }) {
    const { left, top } = this.view.getBoundingClientRect();
    return clientX - left > this.view.clientWidth || clientY - top > this.view.clientHeight;
  }

  /** A finger scrolls the frame by itself. */
  drag(event) {
    if (!this.isZoomed || event.pointerType === "touch" || event.button !== 0 || this.isOnBar(event)) return;
    const start = { x: event.clientX + this.view.scrollLeft, y: event.clientY + this.view.scrollTop };
    const move = (now) => this.view.scrollTo(start.x - now.clientX, start.y - now.clientY);
    this.view.setPointerCapture(event.pointerId);
    this.view.addEventListener("pointermove", move);
    for (const type of ["pointerup", "pointercancel"]) this.view.addEventListener(type, () => this.view.removeEventListener("pointermove", move), { once: true });
  }

  pinch(event) {
    if (event.touches.length !== 2 || !event.cancelable) return;
    event.preventDefault();
    const [one, two] = event.touches;
    const now = { apart: Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY), at: [(one.clientX + two.clientX) / 2, (one.clientY + two.clientY) / 2] };
    if (event.type === "touchmove" && this.fingers) this.together(now.apart / this.fingers.apart, this.fingers.at, now.at);
    this.fingers = now;
  }

  tell() {
    const { bar, view, now } = this;
    bar.hidden = !this.isOpen;
    if (this.isOpen) view.tabIndex = 0;
    else view.removeAttribute("tabindex");
    const size = { fit: this.scale === null, full: this.isFull };
    for (const [name, is] of Object.entries(size)) bar.querySelector(`[data-zoom="${name}"]`).setAttribute("aria-pressed", String(is));
    bar.querySelector("[data-percent]").textContent = view.isConnected ? `${Math.round(now * 100)} %` : "";
  }
}
