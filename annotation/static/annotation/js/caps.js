// Puts a person's own keys on the caps that the page shows; loaded only for who has some.
import { data, page } from "./page.js";
import { withEach } from "./sheets.js";

/** `data.caps` says what stands on a cap at the beginning → what stands there now. */
function relabel(root) {
  for (const cap of root.querySelectorAll("kbd")) {
    if (!cap.closest(".key-list")) cap.textContent = data.caps[cap.textContent] ?? cap.textContent;
  }
}

for (const part of page.querySelectorAll("header, footer")) if (!part.closest("[data-stage]")) relabel(part);
withEach(relabel);
