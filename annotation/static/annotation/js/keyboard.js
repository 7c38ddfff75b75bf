// The keys of the page: which side and which choice they are about, and what each does.
import { Walk } from "./walk.js";

const TYPED_IN = 'textarea, select, [contenteditable], input:not([type="radio"], [type="checkbox"], [type="range"], [type="button"], [type="submit"])';
const SCALE = '[data-kind="scale"]';
const NO_SIDE = ["tie", "cannot-judge", "both-unacceptable"];
const TWICE = 600; // Milliseconds within which Esc counts as pressed twice.

/** `keys` is the page's list of {press, act, held}; `acts` maps other acts to functions; `sheet()` is the one shown; `isKeyless`: no single key counts. */
export class Keyboard {
  constructor({ keys, acts, sheet, isKeyless }) {
    Object.assign(this, { acts, sheet, isKeyless, side: "a", question: null, escapedAt: -Infinity, walk: new Walk(sheet) });
    this.plain = new Map(keys.filter((key) => !key.held).map((key) => [key.press, key.act]));
    this.held = new Map(keys.filter((key) => key.held).map((key) => [key.press, key.act]));
    document.addEventListener("keydown", (event) => this.press(event));
    document.addEventListener("focusin", (event) => this.noticeFocus(event.target));
    // A click leaves the focus on a radio button, which arrows would change.
    document.addEventListener("click", (event) => { if (event.detail > 0 && event.target.matches?.(".chip input")) event.target.blur(); });
  }

  /** A new sheet: begin at its first side and its first choice. */
  begin() {
    this.question = null;
    this.walk.at = null;
    this.choose("a");
    this.mark(this.current);
  }

  /** Other answers came into the sheet: its person stays where he is, but at a choice that is still open, if one is. */
  goOn() {
    const { current } = this;
    this.mark(current?.querySelector(":checked") ? this.next(current) : current);
  }

  press(event) {
    if (event.key === "Escape") return this.escape(event);
    this.escapedAt = -Infinity;
    if (document.querySelector("dialog[open]")) return undefined;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return this.run(this.held.get("Enter"), event);
    if (this.isKeyless || event.target.closest?.(TYPED_IN)) return undefined;
    const combined = event.ctrlKey || event.metaKey || event.altKey;
    if (combined && !event.getModifierState("AltGraph")) return undefined;
    const scale = event.target.closest?.(SCALE);
    if (scale && /^\d$/.test(event.key)) return this.point(scale, event);
    if (this.belongsToFocus(event)) return undefined;
    const act = this.plain.get(event.key);
    if (act) return this.run(act, event);
    return this.pick(`[data-letter="${CSS.escape(event.key)}"]`, event);
  }

  belongsToFocus(event) {
    if (event.key === " " || event.key === "Enter") return Boolean(event.target.closest?.("button, a, input, summary, video, audio"));
    // Of a choice ← and → pick the sides that their caps name, also where the focus is in it; ↑ and ↓ go through it.
    if (/Left|Right/.test(event.key) && event.target.closest?.('[data-kind="choice"]')) return false;
    return event.key.startsWith("Arrow") && Boolean(event.target.closest?.('input[type="radio"], input[type="range"], video, audio'));
  }

  escape(event) {
    if (event.repeat) return;
    const now = performance.now();
    if (now - this.escapedAt < TWICE) this.acts.panic();
    this.escapedAt = now;
    if (event.target.matches?.(TYPED_IN) || event.target.closest?.("[data-question]")) event.target.blur();
  }

  run(act, event) {
    const [name, side] = act.split("-");
    if (name === "side") { event.preventDefault(); return this.turn(side); }
    if (name === "prefer") return this.prefer(side, event);
    if (NO_SIDE.includes(act)) return this.settle(act, event);
    if (name === "question") return this.move(side === "after" ? 1 : -1, event);
    if (name === "walk") { event.preventDefault(); return this.reveal(this.walk.go(side === "on" ? 1 : -1)); }
    if (act === "meaning") return this.explain(event);
    if (act === "write") return this.write(event);
    if (act.includes("-scale-")) return this.shift(act.startsWith("first") ? 0 : 1, act.endsWith("up") ? 1 : -1, event);
    if (this.acts[act]) { event.preventDefault(); return this.acts[act](event); }
    return this.pick(`[data-act="${act}"]`, event);
  }

  /** Into a text field, which opens if it is folded; Esc leads out again. */
  write(event) {
    const text = this.walk.textFor(this.side);
    if (!text) return;
    event.preventDefault();
    const fold = text.closest("details");
    if (fold) fold.open = true;
    text.focus();
  }

  /** What the question means that had the focus last, or else the choice that keys are about, or the first. */
  explain(event) {
    const question = this.walk.question ?? this.question ?? this.sheet();
    event.preventDefault();
    question.querySelector(".hint")?.click();
  }

  /** Make a side the one that is answered about. */
  choose(side) {
    if (!this.sheet()?.querySelector(`[data-pane="${side}"]`)) return;
    this.side = side;
    for (const pane of this.sheet().querySelectorAll("[data-pane]")) pane.classList.toggle("current", pane.dataset.pane === side && this.asksOfSides);
  }

  /** The same, and go on from its first question. */
  turn(side) {
    this.choose(side);
    this.walk.at = this.sheet()?.querySelector(`[data-pane="${side}"]`) ?? this.walk.at;
  }

  get asksOfSides() { return Boolean(this.sheet().querySelector(".question.of-side")); }

  noticeFocus(target) {
    const pane = target.closest?.("[data-pane]");
    if (pane && this.sheet()?.contains(pane)) this.choose(pane.dataset.pane);
    const question = target.closest?.("[data-question]");
    if (!question || !this.sheet()?.contains(question)) return;
    this.walk.at = question;
    if (question.dataset.kind === "choice") this.mark(question);
  }

  /** Pick a choice of the current side, or else one about the item. */
  pick(selector, event) {
    const sheet = this.sheet();
    const usable = (root) => [...root.querySelectorAll(selector)].find((input) => !input.matches(":disabled"));
    const input = usable(sheet.querySelector(`[data-pane="${this.side}"]`) ?? sheet) ?? usable(sheet.querySelector(".prompt") ?? sheet);
    if (!input) return;
    event.preventDefault();
    input.click();
    this.reveal(input.closest("[data-question]"));
    if (input.dataset.act === "safe") this.passOn();
  }

  /** A safe side is done with: on to the other, if that is still open. */
  passOn() {
    const other = this.side === "a" ? "b" : "a";
    const isOpen = (side) => [...this.sheet().querySelectorAll(`[data-pane="${side}"] .question:not([hidden])`)].some((field) => !field.querySelector(":checked"));
    if (!isOpen(this.side) && isOpen(other)) this.turn(other);
  }

  get choices() { return [...this.sheet().querySelectorAll('[data-kind="choice"]:not([hidden])')]; }
  get current() { return this.choices.includes(this.question) ? this.question : this.choices.find((field) => !field.querySelector(":checked")) ?? this.choices[0]; }

  mark(question) {
    this.question = question;
    const several = this.choices.length > 1;
    for (const field of this.choices) field.classList.toggle("current", several && field === question);
  }

  prefer(side, event) {
    const field = this.current;
    if (!field) return;
    event.preventDefault();
    const plain = field.querySelector(`[data-act="prefer-${side}"]`);
    const much = field.querySelector(`input[value="${side}:2"]`);
    this.answer(field, much && plain.checked ? much : plain, !much);
  }

  /** That of the current choice, or of the first that has it: not each can be settled so. */
  settle(act, event) {
    const input = [this.current, ...this.choices].map((field) => field?.querySelector(`[data-act="${act}"]`)).find(Boolean);
    if (!input) return;
    event.preventDefault();
    this.answer(input.closest("[data-question]"), input, true);
  }

  answer(field, input, goOn) {
    input.click();
    this.mark(goOn ? this.next(field) : field);
    this.reveal(this.question);
  }

  /** The first choice that is open; with none, `field`. */
  next(field) { return this.choices.find((other) => !other.querySelector(":checked")) ?? field; }

  move(by, event) {
    const at = this.choices.indexOf(this.current);
    const next = this.choices[at + by];
    if (!next) return;
    event.preventDefault();
    this.mark(next);
    this.reveal(next);
  }

  /** One point up or down a scale of the current side (`which` 0: or the one in focus); from nothing, to its middle. */
  shift(which, by, event) {
    const scales = [...this.sheet().querySelectorAll(`[data-pane="${this.side}"] ${SCALE}:not([hidden])`)];
    const scale = (which === 0 && document.activeElement?.closest(SCALE)) || scales[which];
    const points = [...(scale?.querySelectorAll("input") ?? [])];
    if (!points.length) return;
    event.preventDefault();
    const at = points.findIndex((point) => point.checked);
    const to = at < 0 ? points.findIndex((point) => point.value === "0") : at + by;
    this.take(points[Math.min(Math.max(to, 0), points.length - 1)], scale);
  }

  /** The point of a scale in focus that has this number; a digit means nothing else there. */
  point(scale, event) {
    event.preventDefault();
    const point = scale.querySelector(`input[value="${event.key}"]`);
    if (point) this.take(point, scale);
  }

  take(point, scale) {
    point.click();
    if (scale.contains(document.activeElement)) point.focus({ preventScroll: true });
    this.reveal(scale);
  }

  reveal(element) { element?.scrollIntoView({ block: "nearest" }); }
}
