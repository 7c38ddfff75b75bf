// Uncovers and covers [data-veil] content, and tells how long it was in sight. State lives in the page: class, data-shown-at, data-coming, data-kept.
let ask = null;
let asked = 0;

/** What a veil with data-covered hides is not in the page: `asker(veil)` promises { [data-covered]: HTML }, or null when it stays covered. */
export const askFirst = (asker) => { ask = asker; };

export const isShown = (veil) => "shownAt" in veil.dataset;
const isComing = (veil) => "coming" in veil.dataset;

/** Uncover; what is covered is requested only now. Sends veil:shown with what was given, when it is in sight. */
export function show(veil) {
  if (isShown(veil) || isComing(veil)) return;
  if (!("covered" in veil.dataset)) uncover(veil);
  else if (ask) request(veil);
}

async function request(veil) {
  const mine = String((asked += 1));
  veil.dataset.coming = mine;
  const given = await ask(veil);
  // Let go meanwhile, and perhaps asked for anew.
  if (veil.dataset.coming !== mine) return;
  if (!given) { cover(veil); return; }
  delete veil.dataset.coming;
  uncover(veil, given);
}

function uncover(veil, given = {}) {
  veil.dataset.shownAt = performance.now();
  veil.classList.add("revealed");
  for (const media of veil.querySelectorAll("[data-original]")) {
    media.dataset.preview = media.getAttribute("src") ?? "";
    media.src = media.dataset.original;
  }
  for (const veiled of veil.querySelectorAll("template[data-veiled]")) veiled.after(text(veiled.content.cloneNode(true)));
  const html = given[veil.dataset.covered];
  // Written by our own templates from escaped text.
  if (html) veil.prepend(text(document.createRange().createContextualFragment(html)));
  veil.dispatchEvent(new CustomEvent("veil:shown", { bubbles: true, detail: { given } }));
}

function text(content) {
  const box = document.createElement("div");
  box.className = "revealed-text";
  box.append(content);
  return box;
}

/** Cover again, and take out of the page what was given. Sends veil:covered with the seconds that the content was in sight; veil:forgone when it never was. */
export function cover(veil) {
  delete veil.dataset.kept;
  if (isComing(veil)) {
    delete veil.dataset.coming;
    veil.dispatchEvent(new CustomEvent("veil:forgone", { bubbles: true }));
  }
  if (!isShown(veil)) return;
  const seconds = (performance.now() - Number(veil.dataset.shownAt)) / 1000;
  delete veil.dataset.shownAt;
  veil.classList.remove("revealed");
  for (const media of veil.querySelectorAll("[data-original]")) {
    media.pause?.();
    media.src = media.dataset.preview;
  }
  for (const box of veil.querySelectorAll(".revealed-text")) box.remove();
  veil.dispatchEvent(new CustomEvent("veil:covered", { bubbles: true, detail: { seconds } }));
}

/** Uncover until cover() or a second press of the button. */
export function keep(veil) {
  show(veil);
  if (isOpen(veil)) veil.dataset.kept = "";
}

export const isKept = (veil) => "kept" in veil.dataset;
/** Whether it is in sight or about to be. */
export const isOpen = (veil) => isShown(veil) || isComing(veil);
export const OPEN = "[data-veil]:is([data-shown-at], [data-coming])";

export function coverAll(root = document) {
  for (const veil of root.querySelectorAll("[data-veil]")) cover(veil);
}

/** Show the buttons of the veils inside `root`; call it for content that came later. */
export function prepare(root = document) {
  for (const button of root.querySelectorAll("[data-veil-hold], [data-veil-keep]")) button.hidden = false;
}
