// An item that was changed in two pages: neither goes over the other unasked, its person chooses; loaded only then.
import { one, status, words } from "./page.js";

/** The server has what another page kept of this item, and this one has not seen. */
export function meet(desk, token, other) {
  const { current, drafts } = desk;
  if (token !== current?.token) return;
  const seen = () => drafts.bases.set(token, other.revision);
  choose({
    keepThis: () => { seen(); current.revision = 1 + Math.max(current.revision, other.revision); desk.keep(current); },
    showOther: () => { seen(); drafts.drop(token); desk.fillIn(current, other); status(""); },
  });
}

/** This browser has what a page that is gone kept, and the server has something else. */
export function offer(desk, assignment, local) {
  if (assignment !== desk.current) return;
  choose({
    keepThis: () => desk.drafts.drop(assignment.token, { others: true }),
    showOther: () => desk.adopt(assignment, local),
  });
}

// One line above the rules, with a button for each of the two.
function choose({ keepThis, showOther }) {
  const bar = one("rules");
  if (bar.querySelector("[data-elsewhere]")) return;
  const notice = Object.assign(document.createElement("div"), { className: "notice warn" });
  notice.dataset.elsewhere = "";
  const line = document.createElement("p");
  line.textContent = words.elsewhere;
  notice.append(line, button(words.keep_this, keepThis), button(words.show_other, showOther));
  bar.prepend(notice);

  function button(label, act) {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: label });
    made.addEventListener("click", () => { notice.remove(); act(); });
    return made;
  }
}
