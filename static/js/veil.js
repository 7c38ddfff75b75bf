// Uncovers and covers [data-veil] content, and tells how long it was in sight. State lives in the page: class and data-shown-at.
export const isShown = (veil) => "shownAt" in veil.dataset;

/** Uncover; the original is requested only now. Sends veil:shown. */
export function show(veil) {
  if (isShown(veil)) return;
  veil.dataset.shownAt = performance.now();
  veil.classList.add("revealed");
  for (const media of veil.querySelectorAll("[data-original]")) {
    media.dataset.preview = media.getAttribute("src") ?? "";
    media.src = media.dataset.original;
  }
  for (const veiled of veil.querySelectorAll("template[data-veiled]")) {
    const text = document.createElement("div");
    text.className = "revealed-text";
    text.append(veiled.content.cloneNode(true));
    veiled.after(text);
  }
  veil.dispatchEvent(new CustomEvent("veil:shown", { bubbles: true }));
}

/** Cover again. Sends veil:covered with the seconds that the content was in sight. */
export function cover(veil) {
  if (!isShown(veil)) return;
  const seconds = (performance.now() - Number(veil.dataset.shownAt)) / 1000;
  delete veil.dataset.shownAt;
  veil.classList.remove("revealed");
  veil.querySelector("[data-veil-keep]")?.setAttribute("aria-pressed", "false");
  for (const media of veil.querySelectorAll("[data-original]")) {
    media.pause?.();
    media.src = media.dataset.preview;
  }
  for (const text of veil.querySelectorAll(".revealed-text")) text.remove();
  veil.dispatchEvent(new CustomEvent("veil:covered", { bubbles: true, detail: { seconds } }));
}

/** Uncover until cover() or a second press of the button. */
export function keep(veil) {
  show(veil);
  veil.querySelector("[data-veil-keep]")?.setAttribute("aria-pressed", "true");
}

export const isKept = (veil) => veil.querySelector('[data-veil-keep][aria-pressed="true"]') !== null;

export function coverAll(root = document) {
  for (const veil of root.querySelectorAll("[data-veil]")) cover(veil);
}

/** Show the buttons of the veils inside `root`; call it for content that came later. */
export function prepare(root = document) {
  for (const button of root.querySelectorAll("[data-veil-hold], [data-veil-keep]")) button.hidden = false;
}
