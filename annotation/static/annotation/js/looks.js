// How A and B are looked at: texts with their differences marked; scrolled or zoomed together, or each by itself.
import { later } from "./later.js";
import { filled, one, page, stage, status, words } from "./page.js";

const compareButton = one("compare");
const apartForm = one("apart");
let isComparing = false;

async function mark(sheet, { isQuiet = false } = {}) {
  const script = await later("differences");
  if (!script || !isComparing || !sheet?.isConnected) return;
  const count = script.show(sheet, words);
  if (isQuiet) return;
  if (!count) status(words.compare_covered);
  else status(count.a + count.b ? filled(words.differ, count) : words.same);
}

/** Mark the differences between A and B in this item and the ones after, or no longer. */
async function compare() {
  const sheet = stage.querySelector("[data-sheet]");
  isComparing = !isComparing;
  compareButton.setAttribute("aria-pressed", String(isComparing));
  if (isComparing) return mark(sheet);
  status("");
  return (await later("differences"))?.clear(sheet);
}

/** Each by itself, or both together; and remember it. */
function part(event) {
  event.preventDefault();
  const button = event.submitter;
  const apart = page.classList.toggle(apartForm.dataset.apart);
  fetch(apartForm.action, { method: "POST", body: new FormData(apartForm, button), redirect: "manual", keepalive: true }).catch(() => {});
  button.value = apart ? "no" : "yes";
  button.setAttribute("aria-pressed", String(apart));
  reach();
  page.dispatchEvent(new Event("looks:apart"));
}

// A frame that scrolls can be reached by key.
function reach() {
  for (const body of stage.querySelectorAll(".pane-body")) {
    if (page.classList.contains("scrolling")) body.tabIndex = 0;
    else body.removeAttribute("tabindex");
  }
}

compareButton?.addEventListener("click", compare);
apartForm?.addEventListener("submit", part);
// What is revealed is made anew, without marks.
stage.addEventListener("veil:shown", () => { if (isComparing) mark(stage.querySelector("[data-sheet]")); });

/** Another item is on the page: after it is painted, look at it in the same way. */
export function follow(sheet) {
  reach();
  if (isComparing) setTimeout(() => mark(sheet, { isQuiet: true }));
}
