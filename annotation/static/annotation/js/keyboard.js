// The keys of the page: which side and which choice they are about, and what each does.
import { reveal } from "./foot.js";
import { letterOf } from "./letters.js";
import { Walk, isBefore } from "./walk.js";

const TYPED_IN = 'textarea, select, [contenteditable], input:not([type="radio"], [type="checkbox"], [type="range"], [type="button"], [type="submit"])';
const SCALE = '[data-kind="scale"]';
const PLAYER = "[data-transport], [data-sounds], audio, video";
const NO_SIDE = ["tie", "cannot-judge", "both-unacceptable"];
const STEPS = /^(walk|question|frame)-|-scale-|^(larger|smaller)$/; // What goes on step by step while its key is held.
const MODIFIERS = ["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock"];
const TWICE = 600; // Milliseconds within which Esc counts as pressed twice.

const letter = (sign) => `[data-letter="${CSS.escape(sign)}"]`;

/** `keys` is the page's list of {press, act, held}; `acts` maps other acts to functions; `sheet()` is the one shown; `isKeyless`: no single key counts. */
export class Keyboard {
  constructor({ keys, acts, sheet, isKeyless }) {
    Object.assign(this, { acts, sheet, isKeyless, side: "a", question: null, escapedAt: -Infinity, ours: null, walk: new Walk(sheet) });
    this.plain = new Map(keys.filter((key) => !key.held).map((key) => [key.press, key.act]));
    this.held = new Map(keys.filter((key) => key.held).map((key) => [key.press, key.act]));
    document.addEventListener("keydown", (event) => {
      this.press(event);
      if (event.repeat || MODIFIERS.includes(event.key)) return;
      this.ours = event.defaultPrevented ? { code: event.code, act: this.plain.get(this.signOf(event)) } : null;
    });
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
    // What goes to an input method, to choose a sign or to let it go, is none of ours.
    if (event.isComposing || event.keyCode === 229) return undefined;
    if (event.key === "Escape") return this.escape(event);
    this.escapedAt = -Infinity;
    if (event.repeat && !this.goesOn(event)) return undefined;
    if (document.querySelector("dialog[open]")) return undefined;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return this.run(this.held.get("Enter"), event);
    if (event.key === "Enter" && event.target.matches?.("[data-answers] input")) return this.enter(event);
    if (this.isKeyless || event.target.closest?.(TYPED_IN)) return undefined;
    const combined = event.ctrlKey || event.metaKey || event.altKey;
    if (combined && !event.getModifierState("AltGraph")) return undefined;
    const scale = event.target.closest?.(SCALE);
    if (scale && /^\d$/.test(event.key)) return this.point(scale, event);
    if (this.belongsToFocus(event)) return undefined;
    const sign = this.signOf(event);
    const act = this.plain.get(sign);
    if (act) return this.run(act, event);
    return this.pick(letter(sign), event);
  }

  /** What the key is to the page. */
  signOf(event) { return letterOf(event, (sign) => this.plain.has(sign) || this.sheet()?.querySelector(letter(sign))); }

  /** Held a little too long, a key that was ours answers no second time, nor types into where it led: only steps go on. */
  goesOn(event) {
    const isOurs = this.ours !== null && this.ours.code === event.code;
    const act = this.plain.get(this.signOf(event)) ?? "";
    if (isOurs && STEPS.test(act)) return true;
    // Who holds the key to look makes it the one that keeps open by Shift.
    if (isOurs && act === "keep-open" && this.ours.act === "reveal") {
      this.ours.act = act;
      return true;
    }
    // A browser would press a button anew each time, and what has the focus after it.
    if (isOurs || (event.key === "Enter" && !event.target.matches?.("textarea"))) event.preventDefault();
    return false;
  }

  /** A browser would send the whole form: here Enter picks what has the focus, and in a line of text does nothing. */
  enter(event) {
    event.preventDefault();
    if (!event.repeat && event.target.matches("[data-question] :is([type=radio], [type=checkbox])")) event.target.click();
  }

  belongsToFocus({ key, target }) {
    const isIn = (selector) => Boolean(target.closest?.(selector));
    if (key === " " && this.plays(target)) return false;
    if (key === " " || key === "Enter") return isIn('button, a, input:not([type="range"]), summary, video, audio');
    if (!key.startsWith("Arrow")) return false;
    if (isIn('input[type="range"], video, audio')) return true;
    if (!isIn('input[type="radio"]')) return false;
    // Arrows go from point to point of a scale. Elsewhere ↑ and ↓ go from choice to choice, and in one ← and → pick the sides that their caps name.
    if (isIn(SCALE)) return true;
    return /Left|Right/.test(key) ? !isIn('[data-kind="choice"]') : !this.choices.length;
  }

  /** Whether Space plays, as its cap says, where a key of ours led the focus or where it would pick what is picked. */
  plays(target) {
    const isIdle = target === this.walk.entered || target.matches?.("[type=radio]:checked");
    return isIdle && this.plain.get(" ") === "play" && Boolean(this.sheet()?.querySelector(PLAYER));
  }

  escape(event) {
    if (event.repeat) return;
    const now = performance.now();
    if (now - this.escapedAt < TWICE) this.acts.panic();
    this.escapedAt = now;
    if (event.target.closest?.(`${TYPED_IN}, [data-question], ${PLAYER}`)) event.target.blur();
  }

  run(act, event) {
    const [name, side] = act.split("-");
    if (name === "side") { event.preventDefault(); return this.turn(side); }
    if (name === "prefer") return this.prefer(side, event);
    if (NO_SIDE.includes(act)) return this.settle(act, event);
    if (name === "question") return this.move(side === "after" ? 1 : -1, event);
    if (name === "walk") { event.preventDefault(); return reveal(this.walk.go(side === "on" ? 1 : -1)); }
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

  /** What the question means that had the focus last, or else the choice that keys are about, or the first. Why one answered so belongs to the question before. */
  explain(event) {
    const hints = [...this.sheet().querySelectorAll("[data-question]:not([hidden]) .hint")];
    const question = this.walk.question ?? this.question;
    const before = question && hints.findLast((hint) => question.contains(hint) || isBefore(hint, question));
    event.preventDefault();
    (before ?? hints[0])?.click();
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
    this.walk.enteredBy(question);
    if (question.dataset.kind === "choice") this.mark(question);
  }

  /** Pick a choice of the current side, or else one about the item. */
  pick(selector, event) {
    const sheet = this.sheet();
    const usable = (root) => [...root.querySelectorAll(selector)].find((input) => !input.matches(":disabled"));
    const input = usable(sheet.querySelector(`[data-pane="${this.side}"]`) ?? sheet) ?? usable(sheet.querySelector(".prompt") ?? sheet);
    if (!input) return;
    event.preventDefault();
    const [question, isIn] = [input.closest("[data-question]"), this.walk.isInside];
    input.click();
    if (isIn) this.walk.enter(question, input);
    reveal(question, input);
    if (input.dataset.act === "safe") this.passOn(isIn);
  }

  /** A safe side is done with: on to the other, if that is still open; the focus goes along where it is in a question. */
  passOn(isIn) {
    const other = this.side === "a" ? "b" : "a";
    const isOpen = (side) => [...this.sheet().querySelectorAll(`[data-pane="${side}"] .question:not([hidden])`)].some((field) => !field.querySelector(":checked"));
    if (isOpen(this.side) || !isOpen(other)) return;
    this.turn(other);
    const { at } = this.walk;
    if (isIn) reveal(this.walk.go(1));
    this.walk.at = at;
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

  /** The mark goes on to what is open, and the focus with it where that is in a question; `;` goes on from what was answered all the same. */
  answer(field, input, goOn) {
    const { isInside } = this.walk;
    input.click();
    const next = goOn ? this.next(field) : field;
    this.mark(next);
    const part = next === field ? input : undefined;
    if (isInside) {
      this.walk.enter(next, part);
      this.walk.at = field;
    }
    reveal(next, part);
  }

  /** The first choice that is open; with none, `field`. */
  next(field) { return this.choices.find((other) => !other.querySelector(":checked")) ?? field; }

  move(by, event) {
    const at = this.choices.indexOf(this.current);
    const next = this.choices[at + by];
    const { isInside } = this.walk;
    // At the last one, too, a browser would pick another answer.
    if (next || isInside) event.preventDefault();
    if (!next) return;
    this.mark(next);
    if (isInside) this.walk.enter(next);
    reveal(next);
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
    reveal(scale, point);
  }
}
