// What stands at the foot of the window, so that no line that is said lies over it: how high it is goes to the style sheet.
import { page } from "./page.js";

const bar = page.querySelector(".actionbar");

export function measure() {
  const tops = [bar, ...bar.querySelectorAll("[data-elsewhere]")].map((part) => part.getBoundingClientRect().top);
  document.documentElement.style.setProperty("--foot", `${Math.max(0, innerHeight - Math.min(...tops))}px`);
}

new ResizeObserver(measure).observe(bar);
for (const type of ["scroll", "resize"]) window.addEventListener(type, measure, { passive: true });
