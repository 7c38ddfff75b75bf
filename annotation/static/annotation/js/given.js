// What was drawn in one field, as a list: what each part is, a note to it, a way to take it out, and a way back.
import { letterOf } from "./letters.js";

const FARTHEST_BACK = 100;

export class Given {
  /** `words(part)` says what a part is, `draw()` shows all of them, `press(event, part)` is a key on a part's button. */
  constructor(field, { words, draw, press, row = () => {} }) {
    Object.assign(this, { field, words, draw, press, row, past: [] });
    this.box = field.querySelector("[data-draw]");
    this.list = this.find("list");
    // It is for pages without this script.
    field.querySelector("[data-by-hand]").remove();
    this.box.hidden = false;
    field.drawn ??= [];
    field.addEventListener("drawn", () => { this.past = []; this.show(); });
    this.find("undo").addEventListener("click", () => this.undo());
    this.box.addEventListener("keydown", (event) => {
      if (letterOf(event) !== "z" || !(event.ctrlKey || event.metaKey) || event.target.matches("input")) return;
      event.preventDefault();
      this.undo();
    });
    this.show();
  }

  find(name) { return this.box.querySelector(`[data-${name}]`); }
  get parts() { return this.field.drawn; }
  get most() { return Number(this.box.dataset.most); }

  tell(text) { this.find("told").textContent = text; }
  told() { this.field.dispatchEvent(new Event("change", { bubbles: true })); }

  remember() {
    this.past.push(this.parts.map((part) => [part, structuredClone(part)]));
    if (this.past.length > FARTHEST_BACK) this.past.shift();
  }

  /** One more part; its button gets the focus where `focus` says so. */
  add(part, { focus }) {
    if (this.parts.length >= this.most) return this.tell(this.box.dataset.full);
    this.remember();
    this.parts.push(part);
    this.show();
    this.told();
    if (focus) this.button(this.parts.length - 1).focus();
    return this.tell(`${this.parts.length}. ${this.words(part)}`);
  }

  /** A part is elsewhere now. */
  change(part, values) {
    this.remember();
    Object.assign(part, values);
    const row = this.list.children[this.parts.indexOf(part)];
    row.querySelector("[data-said]").textContent = this.words(part);
    this.find("undo").disabled = false;
    this.draw();
    this.told();
    this.tell(this.words(part));
  }

  remove(part) {
    this.remember();
    const at = this.parts.indexOf(part);
    this.parts.splice(at, 1);
    this.show();
    this.told();
    (this.button(Math.min(at, this.parts.length - 1)) ?? this.find("first")).focus();
    this.tell(this.box.dataset.removed);
  }

  /** Back by one step. What was said of a part since stays with it: a note is no step. */
  undo() {
    if (!this.past.length) return;
    const before = this.past.pop();
    this.field.drawn = before.map(([part, was]) => Object.assign(part, was, { note: part.note, kind: part.kind }));
    this.show();
    this.told();
    this.tell(this.box.dataset.undone);
  }

  button(at) { return this.list.children[at]?.querySelector("button"); }

  show() {
    this.list.replaceChildren(...this.parts.map((part, at) => this.line(part, at)));
    this.find("undo").disabled = !this.past.length;
    this.draw();
  }

  line(part, at) {
    const line = document.importNode(this.find("row").content, true).firstElementChild;
    line.querySelector("[data-number]").textContent = at + 1;
    line.querySelector("[data-said]").textContent = this.words(part);
    const note = line.querySelector("[data-note]");
    note.value = part.note;
    note.setAttribute("aria-label", note.dataset.note.replace("{number}", at + 1));
    note.addEventListener("input", () => { part.note = note.value; this.told(); });
    const remove = line.querySelector("[data-remove]");
    remove.setAttribute("aria-label", remove.dataset.remove.replace("{number}", at + 1));
    remove.addEventListener("click", () => this.remove(part));
    line.querySelector("button").addEventListener("keydown", (event) => {
      if (event.key === "Delete" || event.key === "Backspace") { if (!event.repeat) this.remove(part); }
      else if (!this.press(event, part)) return;
      event.preventDefault();
      // The page has other uses for these keys.
      event.stopPropagation();
    });
    this.row(line, part);
    return line;
  }
}
