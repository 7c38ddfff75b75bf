// Going to another page of the server only when it can be reached: the browser's own error page would take this one away.
import { say } from "../../js/status.js";
import { urls, words } from "./page.js";
import * as wire from "./wire.js";

const PATIENCE = 15_000; // Milliseconds until an answer is no longer waited for.

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

/**
 * Send a form to its door, for the address that it leads to, or `next` where that is known; null where no door of ours was reached, and
 * everything is as it was.
 */
export async function sendForm(form, next = "") {
  const body = new URLSearchParams(new FormData(form));
  // What is said on the page that comes next is for the eyes: it is not fetched twice.
  const response = await fetch(form.action, { method: "POST", body, redirect: next ? "manual" : "follow", signal: AbortSignal.timeout(PATIENCE) }).catch(() => null);
  if (response?.type === "opaqueredirect") return next;
  if (response?.redirected && response.ok && new URL(response.url).pathname.startsWith(urls.page)) return response.url;
  // The same page with what is wrong is the form's own answer.
  if ([400, 422].includes(response?.status)) form.submit();
  else say(words.offline, { kind: "warn" });
  return null;
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
