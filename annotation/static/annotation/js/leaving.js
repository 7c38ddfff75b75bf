// Signing out leaves nothing of a person's work in the browser; what is still on its way is waited for first.
import { say } from "../../js/status.js";
import * as store from "./store.js";

const WAIT = 5000;
const { signOut, unsent } = document.querySelector("[data-sign-out]").dataset;

const onTheirWay = async () => (await store.all("")).filter(([key]) => key.includes("/outbox/")).length;

async function allSent() {
  const until = performance.now() + WAIT;
  while (await onTheirWay()) {
    if (performance.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return true;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.getAttribute("action") !== signOut) return;
  event.preventDefault();
  if (!(await allSent())) { say(unsent, { kind: "bad" }); return; }
  await store.forgetAllBut();
  form.submit();
});
