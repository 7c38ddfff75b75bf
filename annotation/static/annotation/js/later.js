// Scripts that are fetched when they are needed. One that cannot be had is said: the page is older than Castor, or nothing is reached.
import { say } from "../../js/status.js";
import { words } from "./page.js";

// Each address is written out: it is served under the name of its content.
const SCRIPTS = {
  differences: () => import("./differences.js"),
  elsewhere: () => import("./elsewhere.js"),
  overdue: () => import("./overdue.js"),
  signing_in: () => import("./signing_in.js"),
};
let notice = null;

/** The script of that name; null where it cannot be had, which `told()` says to its person. */
export const later = (name, told = tell) => SCRIPTS[name]().catch(() => { told(); return null; });

function tell() {
  if (notice?.isConnected) return;
  notice = say(words.not_loaded, { kind: "bad", undo: { label: words.load_anew, act: () => location.reload() } });
}
