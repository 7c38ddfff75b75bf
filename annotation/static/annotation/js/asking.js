// The dialogs in which one says why an item is skipped or reported: each is about the item over which it was opened, and about no other.
import { say } from "../../js/status.js";
import { words } from "./page.js";

/** Open the dialog over the item of that token; what was begun about another is not there any more. */
export function askOver(id, token) {
  const dialog = document.getElementById(id);
  if (!dialog) return;
  if (dialog.dataset.over !== token) dialog.querySelector("form")?.reset();
  dialog.dataset.over = token;
  dialog.showModal();
}

/** About which item one speaks in the dialog of this form. */
export const spokenOf = (form) => form.closest("dialog").dataset.over;

/** Only the item of that token is before its person now, or none: what was begun about another is closed, and that is said. */
export function closeOthers(token = "") {
  for (const dialog of document.querySelectorAll(":is(#skip-dialog, #report-dialog)[open]")) {
    if (dialog.dataset.over === token) continue;
    dialog.close();
    say(words.nothing_sent, { kind: "warn" });
  }
}
