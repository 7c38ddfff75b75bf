// What stands on the stage while no item does: why, and how one goes on.
import { one, page, stage } from "./page.js";

const made = (tag, values) => Object.assign(document.createElement(tag), values);

/**
 * Say it, a line each, in the place of an item, with a button for `act` or a link to `href`. Nothing is to be submitted, skipped or
 * reported meanwhile.
 */
export function vacate(lines, { label = "", act = null, href = "" } = {}) {
  const box = made("div", { className: "empty" });
  box.append(...lines.map((textContent) => made("p", { textContent })));
  if (href) box.append(made("a", { className: "button", href, textContent: label }));
  else if (act) {
    const button = made("button", { type: "button", className: "button primary", textContent: label });
    button.addEventListener("click", act);
    box.append(button);
  }
  stage.replaceChildren(box);
  page.dataset.vacant = "";
  for (const name of ["heading", "ask"]) one(name).textContent = "";
  const said = lines.join(" ");
  if (one("announce").textContent !== said) one("announce").textContent = said;
}

export const isVacant = () => "vacant" in page.dataset;

/** An item stands there again. */
export function occupy() { delete page.dataset.vacant; }
