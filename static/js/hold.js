// Binds the veil's buttons: hold one to look, press the other to keep it open; leaving the page or Escape covers everything.
import { OPEN, cover, coverAll, isKept, keep, prepare, show } from "./veil.js";

let held = null; // what was pressed to look: the code of a key, or the kind of pointer

const nameOf = (event) => event.code || event.key || event.pointerType || "pointer";
const veilOf = (event, button) => event.target.closest?.(button)?.closest("[data-veil]");
const presses = (event) => (event.type === "pointerdown" ? event.button === 0 : event.key === " " || event.key === "Enter");

function hold(event) {
  const veil = veilOf(event, "[data-veil-hold]");
  if (!veil || !presses(event)) return;
  event.preventDefault();
  event.target.closest("[data-veil-hold]").focus();
  look([veil], event);
}

/** Uncover `veils` until what was pressed in `event` is let go; other keys, and clicks, answer meanwhile. */
export function look(veils, event) {
  held = nameOf(event);
  for (const veil of veils) show(veil);
}

/** Keep them open until they are covered again; cover them where they are kept already. */
export function stay(veils) {
  const act = [...veils].every(isKept) ? cover : keep;
  for (const veil of veils) act(veil);
}

function release(event) {
  // While ⌘ is down, macOS does not say that another key was let go.
  if (nameOf(event) === held || event.key === "Meta") letGo();
}

// Nor is anything said while a menu is open. A finger that stays on the button asks for one, too, and goes on holding.
function releaseUnderMenu() {
  if (held !== "touch") letGo();
}

function letGo() {
  for (const veil of document.querySelectorAll(OPEN)) if (!isKept(veil)) cover(veil);
}

for (const type of ["pointerdown", "keydown"]) document.addEventListener(type, hold);
for (const type of ["pointerup", "pointercancel", "keyup"]) document.addEventListener(type, release);
document.addEventListener("contextmenu", releaseUnderMenu);
for (const type of ["blur", "pagehide"]) window.addEventListener(type, letGo);

document.addEventListener("click", (event) => {
  const veil = veilOf(event, "[data-veil-keep]");
  if (!veil) return;
  if (isKept(veil)) cover(veil);
  else keep(veil);
});
// An Escape that lets go of a sign in an input method (229) is not one for us.
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.isComposing && event.keyCode !== 229) coverAll(); });
document.addEventListener("visibilitychange", () => { if (document.hidden) coverAll(); });

prepare();
