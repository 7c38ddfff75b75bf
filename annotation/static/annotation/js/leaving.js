// Signing out, on any page: what is not sent yet is sent first, and what cannot be is kept and said.
import * as store from "./store.js";

const { signOut } = document.querySelector("[data-sign-out]").dataset;

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.getAttribute("action") !== signOut) return;
  event.preventDefault();
  // Open labelling pages send what they have, and then look whether their person is gone.
  new BroadcastChannel("castor/leaving").postMessage("leaving");
  if ((await store.all()).length && !(await (await import("./unsent.js")).sentOff(form))) return;
  // The browser may be emptied only of what is nowhere needed any more.
  if (!(await store.all()).length) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "all_sent", value: "yes" }));
  form.submit();
});
