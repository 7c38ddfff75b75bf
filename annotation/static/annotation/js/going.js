// Going to another page of the server only when it can be reached: the browser's own error page would take this one away.
import { say } from "../../js/status.js";
import { words } from "./page.js";
import * as wire from "./wire.js";

/** Do what leaves the page, or say that there is no connection. */
export async function leaveBy(act) {
  try {
    await wire.freshToken();
  } catch (error) {
    // Who is signed out is asked to sign in by then.
    if (!(error instanceof wire.SignedOut)) say(error instanceof wire.AnotherPerson ? words.another : words.offline, { kind: "warn" });
    return;
  }
  act();
}

/** Send plain forms of the page (its switches, a trial's answers) in that way. */
export function mindForms(page) {
  page.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (event.defaultPrevented || form.method !== "post" || "sure" in form.dataset) return;
    event.preventDefault();
    leaveBy(() => { form.dataset.sure = ""; form.requestSubmit(submitter); delete form.dataset.sure; });
  });
}
