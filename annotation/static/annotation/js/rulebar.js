// The bar under the sheet: which rules are broken and why they may stand, and what is still to answer.
import { brokenRules, worded } from "../../js/rules.js";
import { isLonger } from "./answers.js";
import { reveal } from "./foot.js";
import { fieldOf } from "./sheets.js";

export class Rulebar {
  /** A reason takes `longest` characters. */
  constructor(bar, { rules, longest }) {
    Object.assign(this, { bar, rules, longest });
    bar.addEventListener("input", ({ target }) => this.measure(target));
    this.blanks = { block: document.getElementById("block-notice"), warn: document.getElementById("warn-notice") };
  }

  /** Try the rules on `answers`; `reasons` (by rule) fills in what was said against warnings before, `others` are objections besides. */
  try(answers, sides, reasons = {}, others = []) {
    const broken = [...others, ...this.broken(answers, sides)];
    this.draw(broken, reasons);
    return broken;
  }

  /** What `answers` object to, as { rule, weight, message }. */
  broken(answers, sides) {
    return brokenRules(this.rules, answers, sides).map((one) => ({ rule: one.rule, weight: one.weight, message: worded(one) }));
  }

  /** Show objections, the browser's or the server's. What was typed under one that stays is kept. */
  draw(objections, reasons = {}) {
    const typed = { ...reasons, ...this.reasons() };
    const stays = new Map([...this.bar.querySelectorAll("[data-rule]")].map((notice) => [notice.dataset.key, notice]));
    const wanted = new Set(objections.map(keyOf));
    for (const [key, notice] of stays) if (!wanted.has(key)) notice.remove();
    this.bar.querySelector("[data-missing]")?.remove();
    for (const objection of objections) if (!stays.has(keyOf(objection))) this.bar.append(this.notice(objection, typed));
  }

  notice(objection, typed) {
    const notice = this.blanks[objection.weight].content.firstElementChild.cloneNode(true);
    notice.dataset.rule = objection.rule;
    notice.dataset.key = keyOf(objection);
    notice.querySelector("[data-message]").textContent = objection.message;
    const input = notice.querySelector("input");
    if (input && this.bar.querySelector(`[data-rule="${CSS.escape(objection.rule)}"] input`)) input.closest("label").remove();
    else if (input) {
      input.name = `override-${objection.rule}`;
      input.value = typed[objection.rule] ?? "";
      this.measure(input);
    }
    return notice;
  }

  /** Say it of a reason that is too long. */
  measure(input) { input.closest(".reason").querySelector("[data-too-long]").hidden = !isLonger(input.value, this.longest); }

  /** Whether no reason is too long; one that is gets the focus. */
  isShort() {
    const long = this.bar.querySelector("[data-too-long]:not([hidden])");
    long?.closest(".reason").querySelector("input").focus();
    return !long;
  }

  /** Reasons given, by rule. */
  reasons() {
    const inputs = [...this.bar.querySelectorAll("[data-rule] input")].filter((input) => input.value.trim());
    return Object.fromEntries(inputs.map((input) => [input.closest("[data-rule]").dataset.rule, input.value.trim()]));
  }

  /** Say in one line what keeps the answers from being sent, and go there. */
  complain(text, sheet, places = []) {
    this.bar.querySelector("[data-missing]")?.remove();
    const notice = this.blanks.block.content.firstElementChild.cloneNode(true);
    notice.removeAttribute("data-rule");
    notice.dataset.missing = "";
    notice.querySelector("[data-message]").textContent = text;
    this.bar.prepend(notice);
    this.bar.scrollTop = 0;
    this.clear(sheet);
    const marked = places.map(([question, side]) => fieldOf(sheet, question, side)).filter(Boolean);
    for (const field of marked) field.classList.add("missing");
    const ways = [...(marked[0]?.querySelectorAll("input, textarea, select, [data-draw] button") ?? [])];
    ways.find((way) => way.checkVisibility() && !way.matches(":disabled"))?.focus({ preventScroll: true });
    reveal(marked[0]);
  }

  clear(sheet) {
    for (const field of sheet.querySelectorAll(".question.missing")) field.classList.remove("missing");
  }

  empty() { this.bar.replaceChildren(); }
}

const keyOf = ({ rule, message }) => `${rule}/${message}`;
