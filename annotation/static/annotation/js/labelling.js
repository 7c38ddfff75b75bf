// The labelling page: one item shown, the next one ready, answers sent behind its person's back, nothing lost.
import { mindLeaving, mindSigningOut } from "./away.js";
import { Desk } from "./desk.js";
import { Exposure, remind } from "./exposure.js";
import { Keyboard } from "./keyboard.js";
import { leaveBy, mindForms } from "./going.js";
import "./foot.js";
import { later } from "./later.js";
import { follow } from "./looks.js";
import { data, form, one, page, stage, urls } from "./page.js";
import { Sending } from "./sending.js";
import { isAtRisk } from "./store.js";
import { Ways } from "./ways.js";
import * as wire from "./wire.js";

wire.prepare({ csrf: data.csrf, pulse: urls.pulse, annotator: data.annotator, signedOut: () => sending.signedOut() });

const desk = new Desk({
  painted: () => { keyboard.begin(); follow(desk.current.element); },
  filled: () => keyboard.goOn(),
  ranOut: () => sending.ranOut(),
  lost: () => sending.held.ask(),
  returned: (assignment) => sending.explain(assignment),
  stuck: (error) => sending.stuck(error, sending.outbox.count),
});
const sending = new Sending(desk);
const ways = new Ways(desk, sending);
new Exposure(desk);
remind(desk);
const press = (selector) => () => desk.current?.element.querySelector(selector)?.click();
/** A button of the transport; where there is none, the prompt's own sound or film plays, or goes on `by` a step. */
const play = (selector, by = 0) => () => {
  const sheet = desk.current?.element;
  const button = sheet?.querySelector(selector);
  if (button) button.click();
  else sheet?.dispatchEvent(new CustomEvent("prompt:play", { detail: by }));
};
/** The first of these that can be used gets the focus; from one of them, the next. */
const focusNext = (selector) => () => {
  const found = [...(desk.current?.element.querySelectorAll(selector) ?? [])].filter((one) => one.checkVisibility());
  found[(found.indexOf(document.activeElement) + 1) % found.length]?.focus();
};
/** The picture of the side that is answered about, or else the first of the prompt. */
const zoom = (name) => () => {
  const sheet = desk.current?.element;
  const find = (root) => root?.querySelector(`[data-zoom="${name}"]`);
  (find(sheet?.querySelector(`[data-pane="${keyboard.side}"]`)) ?? find(sheet))?.click();
};
const noSheet = document.createElement("div");
const keyboard = new Keyboard({
  keys: data.keys,
  isKeyless: data.is_keyless,
  sheet: () => desk.current?.element ?? noSheet,
  acts: {
    submit: () => sending.submit(),
    back: () => ways.back(),
    panic: () => ways.panic(),
    reveal: (event) => ways.reveal(event),
    "keep-open": () => ways.keepOpen(),
    break: () => page.querySelector("[data-pause] button")?.click(),
    guideline: () => page.querySelector("[data-guideline]").click(),
    skip: () => ways.ask("skip-dialog"),
    report: () => ways.ask("report-dialog"),
    help: () => ways.ask("keys-dialog"),
    text: () => page.querySelector("[data-text-switch]").click(),
    compare: () => one("compare")?.click(),
    apart: () => page.querySelector("[data-apart] button")?.click(),
    larger: zoom("in"),
    smaller: zoom("out"),
    "full-size": zoom("full"),
    marks: focusNext("[data-draw] > .button-row button:enabled, [data-list] > li > button:first-child"),
    player: focusNext("[data-seek], :is(audio, video)[controls][src]"),
    "span-begin": press("[data-begin]"),
    "span-end": press("[data-end]"),
    play: play("[data-play]"),
    "frame-back": play('[data-frame="-1"]', -1),
    "frame-on": play('[data-frame="1"]', 1),
    "other-sound": press("[data-other]"),
  },
});

form.addEventListener("submit", (event) => { event.preventDefault(); sending.submit(); });
form.addEventListener("change", (event) => desk.changed(event.target));
form.addEventListener("input", ({ target }) => { if (target.name?.startsWith("override-") || target.matches("[data-words]")) desk.changed(target); });
for (const link of page.querySelectorAll("[data-dialog]")) link.addEventListener("click", (event) => { event.preventDefault(); ways.ask(link.dataset.dialog); });
for (const button of page.querySelectorAll("[data-closes]")) button.addEventListener("click", () => button.closest("dialog").close());
one("back")?.addEventListener("click", (event) => ways.back(event));
one("panic").addEventListener("click", () => ways.panic());
one("leave-it")?.addEventListener("click", (event) => {
  event.preventDefault();
  const { href } = event.currentTarget;
  // What was thought of it is needed no longer.
  leaveBy(async () => { await desk.drafts.drop(data.sheet.token); location.assign(href); });
});
window.addEventListener("beforeunload", (event) => { if (isAtRisk()) event.preventDefault(); });
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
if (/Mac|iP(hone|ad)/.test(navigator.platform)) one("submit-cap").textContent = "⌘ ⏎";

/** What the server said against the form that was sent without this script. */
const objections = [...one("rules").querySelectorAll("[data-rule]")].map((notice) => ({
  rule: notice.dataset.rule,
  message: notice.querySelector("[data-message]").textContent,
  weight: notice.classList.contains("warn") ? "warn" : "block",
}));

/** What pages that are gone kept of other leases: it may be of what is here now. */
async function handOver() {
  const left = await desk.drafts.left(desk.tokens);
  if (!left.length) return;
  const overdue = await later("overdue");
  await overdue?.handOver(left, { again: ({ token, ...kept }) => {
    const assignment = desk.all.find((each) => each.token === token);
    if (!assignment || assignment.isTouched) return;
    desk.drafts.bases.set(token, kept.revision);
    desk.fillIn(assignment, kept);
  } });
}

async function begin() {
  // Opened for a page without script; with one, what is covered is asked for here, and counted for as long as it is seen.
  if (data.is_revealed) {
    await wire.post(urls.reveal, { token: data.sheet.token, shown: false }).catch(() => {});
    return void location.replace(location.pathname);
  }
  const first = desk.receive(data.sheet, stage.querySelector("[data-sheet]"));
  // Shown at once; what an earlier page has on its way is answered already.
  const begun = desk.begin(first, data.draft ?? { answers: data.answers, revision: 0, reasons: data.reasons });
  await sending.outbox.load();
  if (sending.outbox.has(first.token)) {
    desk.drafts.drop(first.token);
    desk.next();
  } else {
    await begun;
    if (one("refusal")) { desk.rulebar.draw(objections, data.reasons); one("refusal").focus(); }
  }
  if (!data.revises) {
    await handOver();
    sending.fetchAhead();
  }
  mindLeaving(desk);
  mindSigningOut(desk, sending);
  mindForms(page);
  page.dataset.ready = "";
}

begin();
