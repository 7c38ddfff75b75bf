// A picture fits its frame, or is shown pixel by pixel to be looked at closely and dragged about.
export function prepare(sheet, words) {
  for (const frame of sheet.querySelectorAll('[data-media="image"]')) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small zoom";
    button.textContent = words.full_size;
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      const actual = frame.classList.toggle("actual");
      button.setAttribute("aria-pressed", String(actual));
      button.textContent = actual ? words.fit : words.full_size;
    });
    frame.append(button);
    frame.addEventListener("pointerdown", (event) => drag(frame, event));
  }
}

function drag(frame, event) {
  if (!frame.classList.contains("actual") || event.target.closest("button") || event.button !== 0) return;
  event.preventDefault();
  const start = { x: event.clientX + frame.scrollLeft, y: event.clientY + frame.scrollTop };
  const move = (now) => frame.scrollTo(start.x - now.clientX, start.y - now.clientY);
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", () => window.removeEventListener("pointermove", move), { once: true });
}
