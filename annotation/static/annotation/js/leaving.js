// Signing out, on any page: what is not sent yet is sent first, and what cannot be is kept and said.
import { say } from "../../js/status.js";
import * as store from "./store.js";

const { signOut, unsent, anyway } = document.querySelector("[data-sign-out]").dataset;

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.getAttribute("action") !== signOut) return;
  event.preventDefault();
  announce();
  const here = await needed();
  // Where even the script that sends cannot be had, all of it is left.
  const left = here && await import("./unsent.js").then(({ send }) => send(form), () => here);
  if (left) say(unsent.replace("{count}", left), { kind: "bad", undo: { label: anyway, act: () => { announce(); form.submit(); } } });
  else await leave(form);
});

// Open labelling pages send what they have, and then look whether their person is gone.
function announce() { new BroadcastChannel("castor/leaving").postMessage("leaving"); }

/** How much is here that is to go out (a second thought without its submit is not, nor a qualification's answer); null where nobody knows. */
async function needed() {
  const isKnown = await store.kept().then(() => true, () => false);
  const count = (await store.all()).filter(([, { url }]) => url).length;
  return count || isKnown ? count : null;
}

async function leave(form) {
  // The browser may be emptied only of what is nowhere needed any more.
  if (await needed() === 0) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "all_sent", value: "yes" }));
  form.submit();
}
