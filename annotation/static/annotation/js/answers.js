// Between the fields of a sheet and answers by side, as annotation/page/forms.py does for pages without script.
import { evaluate } from "../../js/rules.js";
import * as words from "./words.js";

/** Whether a text has more characters than that, counted as the server does: most signs beyond the usual ones take two places here. */
export const isLonger = (text, most) => text.length > most && [...text].length > most;

const named = (question, side) => (side ? `${side}-${question.key}` : question.key);
const isInWords = ({ kind }) => kind === "text" || kind === "edit";
const isDrawn = ({ kind }) => kind === "marks" || kind === "spans";
const fieldOf = (sheet, question, side) =>
  sheet.querySelector(`[data-question="${CSS.escape(question.key)}"]${side ? `[data-side="${side}"]` : ""}`);
const fields = (sheet, name) => [...sheet.querySelectorAll(`input[name="${CSS.escape(name)}"]`)];

// What is drawn lies with its field; marks.js and spans.js show it.
const drawnIn = (field) => (field.disabled || !field.drawn?.length ? null : structuredClone(field.drawn));
function draw(field, parts) {
  field.drawn = structuredClone(parts ?? []).filter((part) => part instanceof Object);
  field.dispatchEvent(new Event("drawn"));
}

function valueOf(sheet, question, side) {
  if (isInWords(question)) return words.valueOf(fieldOf(sheet, question, side));
  if (isDrawn(question)) return drawnIn(fieldOf(sheet, question, side));
  const picked = fields(sheet, named(question, side)).filter((input) => input.checked && !input.matches(":disabled"));
  const values = picked.map((input) => input.value);
  if (question.kind === "categories") return values.length ? values : null;
  if (!values.length) return null;
  if (question.kind === "flag") return values[0] === "true";
  if (question.kind === "severity" || question.kind === "scale") return Number(values[0]);
  return values[0];
}

/** The answers in the fields of `sheet`; what is hidden or empty is left out. */
export function read(sheet, questions, sides) {
  const answers = {};
  for (const question of questions) {
    if (question.of === "item") {
      const value = valueOf(sheet, question, "");
      if (value === null) continue;
      if (question.strength && String(value).includes(":")) {
        const [side, strength] = value.split(":");
        answers[question.key] = side;
        answers[`${question.key}_strength`] = Number(strength);
      } else answers[question.key] = value;
    } else {
      const given = sides.map((side) => [side, valueOf(sheet, question, side)]).filter(([, value]) => value !== null);
      if (given.length) answers[question.key] = Object.fromEntries(given);
    }
  }
  return answers;
}

/** Put `answers` into the fields of `sheet`. */
export function fill(sheet, questions, sides, answers) {
  for (const question of questions) {
    for (const side of question.of === "item" ? [""] : sides) {
      const given = answers[question.key];
      let value = side ? given?.[side] : given;
      if (isInWords(question)) {
        words.fill(fieldOf(sheet, question, side), value);
        continue;
      }
      if (isDrawn(question)) {
        draw(fieldOf(sheet, question, side), value);
        continue;
      }
      if (question.strength && sides.includes(value)) value = `${value}:${answers[`${question.key}_strength`] ?? 1}`;
      const picked = new Set((Array.isArray(value) ? value : [value]).map(String));
      for (const input of fields(sheet, named(question, side))) input.checked = picked.has(input.value);
    }
  }
}

/** Whether every field is as the page came with it: nothing was picked or typed before the script began. */
export function isAsServed(sheet) {
  return [...sheet.querySelectorAll("[data-question] :is(input, textarea)[name]")].every((field) => {
    if (field.matches("[type=radio], [type=checkbox]")) return field.checked === field.defaultChecked;
    // What is to be corrected is put into its field by the script.
    return [field.defaultValue, field.closest("[data-question]").querySelector("textarea[data-original]")?.value].includes(field.value);
  });
}

/** Whether a question is asked of that side ("" = of the item), going by the other answers. */
export function isAsked(question, side, answers) {
  return question.when === null || evaluate(question.when, answers, { x: side }) === true;
}

/** The answers with what hidden questions imply: what the rules are tried on. */
export function withImplied(questions, sides, answers) {
  const whole = structuredClone(answers);
  for (const question of questions) {
    if (question.implied === null || question.of === "item") continue;
    for (const side of sides) {
      if (answers[question.key]?.[side] === undefined && !isAsked(question, side, answers)) {
        whole[question.key] = { ...whole[question.key], [side]: question.implied };
      }
    }
  }
  return whole;
}

/** [question, side] of all that is asked, required and not answered. */
export function missing(questions, sides, answers) {
  const given = (question, side) => (side ? answers[question.key]?.[side] : answers[question.key]);
  return ["", ...sides].flatMap((side) =>
    questions
      .filter((question) => (question.of === "item") === (side === ""))
      .filter((question) => isAsked(question, side, answers) && lacks(question, given(question, side)))
      .map((question) => [question, side]));
}

/** The same places in the order in which they stand in `sheet`. */
export function inOrder(sheet, places) {
  const order = [...sheet.querySelectorAll("[data-question]")];
  const at = ([question, side]) => order.indexOf(fieldOf(sheet, question, side));
  return places.toSorted((one, other) => at(one) - at(other));
}

function lacks(question, value) {
  if (question.kind === "categories") return (value?.length ?? 0) < question.at_least;
  return question.required && (value === undefined || value === null);
}

/** [question, side] of all that names too many categories. */
export function tooMany(questions, sides, answers) {
  return questions.filter((question) => question.at_most > 0).flatMap((question) =>
    (question.of === "item" ? [""] : sides)
      .filter((side) => ((side ? answers[question.key]?.[side] : answers[question.key])?.length ?? 0) > question.at_most)
      .map((side) => [question, side]));
}

/** [question, side, number] of all that is written at more length than `longest` allows; number 0 for a text, else whose note it is. */
export function tooLong(questions, sides, answers, { text, note }) {
  const places = (value) => [
    ...(isLonger(typeof value === "string" ? value : value?.text ?? "", text) ? [0] : []),
    ...(Array.isArray(value) ? value : []).flatMap((part, at) => (isLonger(part?.note ?? "", note) ? [at + 1] : [])),
  ];
  return questions.filter((question) => isInWords(question) || isDrawn(question)).flatMap((question) =>
    (question.of === "item" ? [""] : sides).flatMap((side) =>
      places(side ? answers[question.key]?.[side] : answers[question.key]).map((number) => [question, side, number])));
}
