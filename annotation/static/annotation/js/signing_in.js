// The session is over: asks for the password in place, by the sign-in's own form, for the same person; loaded only then.
import { coverAll } from "../../js/veil.js";
import { data, urls, words } from "./page.js";
import * as wire from "./wire.js";

const PAUSE = 3000; // Milliseconds without a key, after which somebody who writes is no longer in mid-word.
const LOOK = 100;
const PATIENCE = 15_000; // Milliseconds until an answer is no longer waited for.

let dialog = null;
let isAsking = false;
let isLater = false;
let typedAt = performance.now();
for (const type of ["keydown", "input"]) document.addEventListener(type, () => { typedAt = performance.now(); });

/** Who has a password is asked for it here, unless he said not now; others sign in elsewhere. */
export function meet(sending) {
  if (!data.person || isLater) return offer(sending);
  if (isAsking) return undefined;
  if (isInMidWord()) offer(sending);
  return ask({ then: () => goOn(sending), otherwise: () => { isLater = true; offer(sending); } });
}

/** A dialog would take for the password what somebody is writing: he is asked when he pauses, or goes elsewhere. */
function isInMidWord() {
  const writes = document.activeElement.matches('textarea, input:not([type="radio"], [type="checkbox"], [type="range"])');
  return writes && performance.now() - typedAt < PAUSE;
}

function offer(sending) {
  const notice = sending.say(data.person ? "session_over" : "signed_out");
  if (!notice) return;
  const link = document.createElement("a");
  Object.assign(link, { className: "button small", href: urls.login, target: "_blank", textContent: words.sign_in });
  notice.append(link);
  if (data.person) link.addEventListener("click", (event) => { event.preventDefault(); notice.remove(); isLater = false; meet(sending); });
}

async function goOn(sending) {
  document.querySelector('[data-stuck="session_over"]')?.remove();
  if (sending.isGone) return void location.assign(urls.page);
  await wire.freshToken().catch(() => {});
  sending.outbox.hurry();
  sending.desk.drafts.flush();
}

async function ask({ then, otherwise }) {
  if (isAsking) return;
  isAsking = true;
  dialog ??= make();
  dialog.onclose = () => { isAsking = false; if (dialog.returnValue === "in") then(); else otherwise(); };
  dialog.returnValue = "";
  try {
    await show(await signInPage());
  } catch {
    isAsking = false;
    otherwise();
  }
}

async function signInPage() {
  while (isInMidWord()) await new Promise((resolve) => { setTimeout(resolve, LOOK); });
  coverAll();
  // Where it leads tells who is signed in, and is read by nobody.
  const response = await fetch(`${urls.login}?next=${encodeURIComponent(urls.pulse)}`, { signal: AbortSignal.timeout(PATIENCE) });
  return isInMidWord() ? signInPage() : response;
}

function make() {
  const made = document.createElement("dialog");
  Object.assign(made, { className: "dialog", id: "signing-in" });
  made.dataset.signingIn = "";
  made.setAttribute("aria-labelledby", "signing-in-title");
  document.body.append(made);
  made.addEventListener("submit", (event) => { event.preventDefault(); send(event.target); });
  return made;
}

/** The form of the page that the sign-in answered with; when it is the pulse, one is signed in. */
async function show(response) {
  const text = await response.text();
  if (response.ok && response.headers.get("Content-Type").startsWith("application/json")) {
    if (dialog.open) dialog.close("in");
    else dialog.onclose(dialog.returnValue = "in");
    return;
  }
  const found = new DOMParser().parseFromString(text, "text/html").querySelector("main form.form");
  draw(document.adoptNode(found ?? document.createElement("form")), found ? "" : words.signed_out);
}

function draw(form, problem) {
  form.removeAttribute("class");
  const title = Object.assign(document.createElement("h2"), { id: "signing-in-title", textContent: words.sign_in });
  const header = document.createElement("header");
  header.append(title);
  const body = Object.assign(document.createElement("div"), { className: "dialog-body form" });
  const say = (line) => body.append(Object.assign(document.createElement("p"), { textContent: line }));
  say(problem || words.session_over);
  const name = form.elements.login;
  if (name) {
    say(data.person);
    name.value = data.person;
    name.closest(".field").hidden = true;
  }
  for (const button of form.querySelectorAll("button:not([type=button])")) button.remove();
  form.querySelector(".button-row")?.remove();
  for (const link of form.querySelectorAll("a")) link.target = "_blank"; // this page stays
  body.append(...form.childNodes);
  form.replaceChildren(header, body, buttons(Boolean(problem)));
  dialog.replaceChildren(form);
  if (!dialog.open) dialog.showModal();
  form.querySelector("input[type=password], input[name=code]")?.focus();
}

function buttons(isHopeless) {
  const row = Object.assign(document.createElement("footer"), { className: "button-row" });
  const later = Object.assign(document.createElement("button"), { type: "button", className: "button quiet", textContent: words.not_now });
  later.addEventListener("click", () => dialog.close());
  row.append(later);
  if (!isHopeless) row.append(Object.assign(document.createElement("button"), { className: "button primary", textContent: words.sign_in }));
  return row;
}

async function send(form) {
  const button = form.querySelector("button.primary");
  button.disabled = true;
  try {
    await show(await fetch(form.action, { method: "POST", body: new FormData(form), signal: AbortSignal.timeout(PATIENCE) }));
  } catch {
    button.disabled = false;
    form.querySelector("p").textContent = words.offline;
  }
}
