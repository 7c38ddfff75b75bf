// What sticks to the top and the foot of the window, so that neither a line that is said nor what has the focus lies under it: how high it is goes to the style sheet.
import { page } from "./page.js";

const root = document.documentElement.style;
const [head, rules, bar] = page.querySelectorAll(".workbar-end, [data-foot]");

function measure() {
  const tops = [...page.querySelectorAll("[data-foot]:not(:empty)")].map((part) => part.getBoundingClientRect().top);
  root.setProperty("--foot", `${Math.max(0, innerHeight - Math.min(...tops))}px`);
}

const isSticky = (part) => getComputedStyle(part).position === "sticky";

/** The heights of what sticks there: the bar, the bar and the objections above it, and those with the one question above them; and above all, the head. */
function stack() {
  let height = 0;
  for (const [name, part] of [["bar", bar], ["rules", rules], ["foot-all", page.querySelector("[data-verdict]")]]) {
    if (part && isSticky(part)) height += part.offsetHeight;
    root.setProperty(`--${name}`, `${height}px`);
  }
  root.setProperty("--head", `${isSticky(head) ? head.offsetHeight : 0}px`);
  measure();
}

/** Show a question, and the `part` of it that counts, for it may be higher than the window: between what sticks. */
export function reveal(question, part = document.activeElement) {
  // What sticks to the foot of the window is in sight.
  if (!question || isSticky(question.parentElement)) return;
  stack();
  question.scrollIntoView({ block: "nearest" });
  if (question.contains(part)) (part.closest("label") ?? part).scrollIntoView({ block: "nearest" });
}

const seen = new ResizeObserver(stack);
for (const part of page.querySelectorAll("[data-answers], .workbar-end, [data-foot]")) seen.observe(part);
window.addEventListener("resize", stack);
window.addEventListener("scroll", measure, { passive: true });
