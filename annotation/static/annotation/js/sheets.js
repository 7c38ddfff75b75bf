// Makes the sheet of an assignment from the blank of its step, and keeps it in step with its answers.
import { isShown, prepare as prepareVeils } from "../../js/veil.js";
import { isAsked } from "./answers.js";
import { page } from "./page.js";
import { prepare as prepareWords } from "./words.js";

const AGAIN = 5000; // Milliseconds until a file that failed is asked for once more.
const extras = [];

/** What only some protocols need names itself here, before the page begins: `extra` is given every sheet. */
export const withEach = (extra) => extras.push(extra);

/** What goes to the server beside a sheet's answers, and what still lacks: a sheet's { said(), lack() }, where it has one. */
export const evidence = new WeakMap();

/** A sheet with the content of `assignment`, not on the page yet: its pictures and films load meanwhile. */
export function build(assignment, words) {
  const blank = document.getElementById(`sheet-${assignment.step}`);
  const sheet = document.importNode(blank.content, true).querySelector("[data-sheet]");
  for (const part of sheet.querySelectorAll("[data-part]")) {
    // Written by our own templates from escaped text.
    part.innerHTML = assignment.parts[part.dataset.part.replaceAll("-", "_")] ?? "";
  }
  prepare(sheet, words);
  return sheet;
}

/** Give a sheet what only a script can. */
export function prepare(sheet, words) {
  prepareVeils(sheet);
  prepareWords(sheet);
  for (const extra of extras) extra(sheet, words);
  if (page.matches("[data-loud]")) unmute(sheet);
  for (const type of ["veil:shown", "veil:covered"]) sheet.addEventListener(type, (event) => turnPosters(event.target));
  // Errors do not bubble.
  sheet.addEventListener("error", (event) => { if (event.target.matches("[data-original]")) askAgain(event.target); }, { capture: true });
}

// What is revealed may come by a link that dies soon: who plays on for longer asks for another, and goes on where he was.
function askAgain(film) {
  const isEarly = performance.now() - Number(film.dataset.askedAt ?? -Infinity) < AGAIN;
  if (!isShown(film.closest("[data-veil]")) || isEarly) return;
  film.dataset.askedAt = performance.now();
  const [at, wasPlaying] = [film.currentTime, !film.paused];
  film.src = film.dataset.original;
  if (at) film.currentTime = at;
  if (wasPlaying) film.play().catch(() => {});
}

// Somebody wants sound from the start: of two films, from the first.
function unmute(sheet) {
  for (const film of sheet.querySelectorAll("video")) film.muted = film.closest('[data-pane="b"]') !== null;
  const sound = sheet.querySelector("[data-sound]");
  if (sound) sound.value = "a";
}

// A covered film stands behind its blurred preview, an open one behind its first picture.
function turnPosters(veil) {
  for (const film of veil.querySelectorAll("video[data-poster]")) [film.poster, film.dataset.poster] = [film.dataset.poster, film.poster];
}

/** Show the questions that are asked, going by `answers`; hidden ones keep their fields and send nothing. */
export function follow(sheet, questions, answers) {
  for (const field of sheet.querySelectorAll("[data-question]")) {
    const question = questions.find(({ key }) => key === field.dataset.question);
    const asked = isAsked(question, field.dataset.side ?? "", answers);
    field.hidden = field.disabled = !asked;
    const anchor = field.querySelector("[data-anchor]");
    if (anchor) anchor.textContent = field.querySelector("label:has(input:checked)")?.title ?? "";
  }
}

export const fieldOf = (sheet, question, side) =>
  sheet.querySelector(`[data-question="${CSS.escape(question.key)}"]${side ? `[data-side="${side}"]` : ""}`);
