// What stands at the foot of the window, so that neither a line that is said nor what has the focus lies under it: how high it is goes to the style sheet.
import { form, page } from "./page.js";

const root = document.documentElement.style;
const bar = page.querySelector("footer[data-foot]");

export function measure() {
  const tops = [bar, ...page.querySelectorAll("[data-elsewhere], [data-missing]")].map((part) => part.getBoundingClientRect().top);
  root.setProperty("--foot", `${Math.max(0, innerHeight - Math.min(...tops))}px`);
}

/** The heights of what sticks there: the bar, the bar and the objections above it, and those with the one question above them. */
function stack() {
  let height = 0;
  for (const [name, part] of [["bar", bar], ["rules", page.querySelector("[data-rules]")], ["foot-all", page.querySelector("[data-verdict]")]]) {
    if (part && getComputedStyle(part).position === "sticky") height += part.offsetHeight;
    root.setProperty(`--${name}`, `${height}px`);
  }
  measure();
}

const seen = new ResizeObserver(stack);
for (const part of [form, ...page.querySelectorAll("[data-foot]")]) seen.observe(part);
window.addEventListener("resize", stack);
window.addEventListener("scroll", measure, { passive: true });
