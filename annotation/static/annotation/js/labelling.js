// The labelling page: shows one item, keeps the next ready, sends answers behind its person's back, loses nothing.
import { coverAll, show } from "../../js/veil.js";
import { say } from "../../js/status.js";
import { fill, missing, read, tooMany, withImplied } from "./answers.js";
import { Clock } from "./clock.js";
import { Drafts } from "./drafts.js";
import { Keyboard } from "./keyboard.js";
import { Outbox } from "./outbox.js";
import { Rulebar } from "./rulebar.js";
import { build, follow, prepare } from "./sheets.js";
import * as store from "./store.js";
import * as wire from "./wire.js";

const data = JSON.parse(document.getElementById("labelling-data").textContent);
const { words, urls, sides } = data;
const page = document.getElementById("labelling");
const form = page.querySelector("[data-answers]");
const stage = page.querySelector("[data-stage]");
const one = (name) => page.querySelector(`[data-${name}]`);
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const uuid = () => {
  // crypto.randomUUID is missing where the page is not served over HTTPS.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("").replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
};

let current = null; // { token, step, key, earlier, answers, revision, reasons, element }
let ahead = []; // the same, built and loading, not shown
let returned = null; // one that the server did not take
let today = data.today;
let last = data.last;
let isGone = false; // somebody wanted everything off the screen
let usedAt = performance.now();

wire.prepare({ csrf: data.csrf, pulse: urls.pulse });
const clock = new Clock();
const rulebar = new Rulebar(one("rules"), { rules: data.rules, words });
const drafts = new Drafts({
  prefix: `${data.annotator}/draft/`,
  // What is answered anew has no lease that a draft could be kept under.
  url: data.revises ? null : urls.draft,
  on: { saved: () => tell("saved"), savedHere: () => tell("saved_here"), lost },
});
const outbox = new Outbox({
  prefix: `${data.annotator}/outbox/`,
  enrich: () => ({ holding: holding() }),
  on: { delivered, refused, stuck, moving: (count) => { if (count > 1) status(filled(words.waiting, { count })); } },
});
const keyboard = new Keyboard({
  keys: data.keys,
  sheet: () => current?.element,
  acts: { submit, back, panic, reveal, skip: () => ask("skip-dialog"), report: () => ask("report-dialog"), help: () => ask("keys-dialog"),
    play: () => press("[data-play]"), "frame-back": () => press('[data-frame="-1"]'), "frame-on": () => press('[data-frame="1"]') },
});

const questions = (assignment = current) => data.steps[assignment.step].questions;
const holding = () => [current, ...ahead].filter(Boolean).map(({ token }) => token).concat(outbox.entries.map(({ body }) => body.token));
const press = (selector) => current?.element.querySelector(selector)?.click();
const status = (text) => { one("saved").textContent = text; };
const tell = (word) => status(filled(words[word], { time: new Date().toLocaleTimeString(document.documentElement.lang) }));

// --- What is shown

function assignment({ token, step, earlier, parts }, element = null) {
  return { token, step, earlier, key: uuid(), answers: {}, revision: 0, reasons: {}, element: element ?? build({ step, parts }, words) };
}

/** Put an assignment before its person. */
function paint(next) {
  document.activeElement?.blur();
  current = next;
  if (next.element.parentNode !== stage) stage.replaceChildren(next.element);
  rulebar.empty();
  form.elements.token.value = next.token;
  form.elements.key.value = next.key;
  form.elements.step.value = next.step;
  for (const dialog of document.querySelectorAll("dialog input[name=token]")) dialog.value = next.token;
  const { heading, ask: wording } = data.steps[next.step];
  one("heading").textContent = heading;
  one("ask").textContent = wording;
  one("today").textContent = filled(words.today, { count: today });
  keyboard.begin();
  answered();
  clock.restart();
  window.scrollTo(0, 0);
}

/** After any change: what is asked now, which rules are broken. */
function answered() {
  const { element } = current;
  current.answers = read(element, questions(), sides);
  follow(element, questions(), { ...current.earlier, ...current.answers });
  // Hidden fields are disabled only now, so they are read anew.
  current.answers = read(element, questions(), sides);
  const whole = { ...current.earlier, ...withImplied(questions(), sides, current.answers) };
  return rulebar.try(whole, sides, current.reasons);
}

function changed(event) {
  if (!current) return;
  event.target.closest?.(".question")?.classList.remove("missing");
  if (event.target.name?.startsWith("override-")) current.reasons = rulebar.reasons();
  else answered();
  current.revision += 1;
  drafts.keep({ token: current.token, key: current.key, revision: current.revision, answers: current.answers, reasons: current.reasons });
}

function next() {
  current = null;
  if (ahead.length) return paint(ahead.shift());
  stage.replaceChildren();
  rulebar.empty();
  status(words.sending);
  return outbox.count ? undefined : fetchAhead();
}

// --- Submitting

function submit() {
  if (!current || isGone) return;
  const broken = answered();
  const { element, answers } = current;
  const all = { ...current.earlier, ...answers };
  const gaps = missing(questions(), sides, all);
  const label = ([question, side]) => (side && sides.length > 1 ? `${side.toUpperCase()}: ${question.wording}` : question.wording);
  if (gaps.length) return rulebar.complain(filled(words.missing, { what: gaps.map(label).join(", ") }), element, gaps);
  const [excess] = tooMany(questions(), sides, all);
  if (excess) return rulebar.complain(filled(words.too_many, { what: label(excess), most: excess[0].at_most }), element, [excess]);
  if (broken.some(({ weight }) => weight === "block")) return one("rules").scrollIntoView({ block: "nearest" });
  const reasons = rulebar.reasons();
  const unsaid = broken.find(({ rule }) => !reasons[rule]);
  if (unsaid) {
    one("rules").querySelector(`[data-rule="${CSS.escape(unsaid.rule)}"] input`)?.focus();
    return status(words.reason);
  }
  if (data.revises) return form.submit();
  return send(current, reasons);
}

function send(done, overrides) {
  // What is being typed changes this item, not the next: a field that goes away tells its last value late.
  document.activeElement?.blur();
  const { token, key, answers } = done;
  sent.set(key, done);
  outbox.push({ campaign: data.campaign, url: urls.page, body: { token, key, answers, overrides, seconds: clock.seconds } });
  drafts.drop(token);
  today += 1;
  status(words.sending);
  coverAll();
  next();
  if (current) one("announce").textContent = filled(words.next, { step: data.steps[current.step].heading });
}

const sent = new Map(); // key → what was shown, until the server has it

function delivered(entry, json) {
  sent.delete(entry.body.key);
  drafts.drop(entry.body.token);
  tell("saved");
  if (json.done.standing === "late") say(words.late, { kind: "warn" });
  if (entry.campaign !== data.campaign) return;
  last = json.done.annotation;
  const link = one("back");
  if (link) { link.hidden = false; link.href = urls.revise.replace(/0\/$/, `${last}/`); }
  take(json);
}

/** Hold what the server gave beyond what is here. */
function take(json) {
  const known = new Set(holding());
  for (const fresh of json.ahead ?? []) {
    if (known.has(fresh.token)) continue;
    ahead.push(assignment(fresh));
    restore(ahead.at(-1));
  }
  if (json.held) ahead = ahead.filter(({ token }) => json.held.includes(token));
  if (current || isGone) return;
  if (ahead.length) paint(ahead.shift());
  else if (json.is_busy) setTimeout(fetchAhead, 1500);
  // Nothing is left, or the campaign is closed: the server's page says so.
  else if (!outbox.count) location.assign(urls.page);
}

async function fetchAhead() {
  try {
    const { status: code, json } = await wire.post(urls.ahead, { holding: holding() });
    if (code === 200) take(json);
    else location.assign(urls.page);
  } catch (error) {
    stuck(error instanceof wire.SignedOut, outbox.count);
    setTimeout(fetchAhead, 3000);
  }
}

/** Nothing was stored. What can be mended is brought back, the rest is said. */
function refused(entry, code, json) {
  const done = sent.get(entry.body.key);
  sent.delete(entry.body.key);
  today -= 1;
  const message = json.message ?? String(code);
  if (code !== 422 || !done || isGone) {
    say(filled(words.gone, { message }), { kind: "bad" });
    return fetchAhead();
  }
  // A new key: the same key stands for the answers that were refused.
  returned = { ...done, key: uuid(), refusal: json };
  drafts.keep({ ...done, element: undefined, earlier: undefined });
  if (!current || Object.keys(current.answers).length === 0) return comeBack();
  return say(filled(words.not_taken, { message }), { kind: "bad", undo: { label: words.go_back, act: comeBack } });
}

function comeBack() {
  if (!returned) return;
  const done = returned;
  returned = null;
  if (current) ahead.unshift(current);
  paint(done);
  const places = done.refusal.problems.map(({ question, side }) => [questions().find(({ key }) => key === question), side]).filter(([question]) => question);
  rulebar.draw(done.refusal.objections, done.reasons);
  const texts = [done.refusal.message, ...done.refusal.problems.map(({ message }) => message)];
  rulebar.complain(texts.join(" "), done.element, places);
}

function stuck(isSignedOut, count) {
  status(filled(words.waiting, { count }));
  if (!isSignedOut || document.querySelector("[data-signed-out]")) return;
  const notice = say(words.signed_out, { kind: "bad" });
  notice.dataset.signedOut = "";
  const link = document.createElement("a");
  Object.assign(link, { className: "button small", href: urls.login, target: "_blank", textContent: words.sign_in });
  notice.append(link);
}

function lost(token) {
  if (token === current?.token) say(words.lost, { kind: "warn" });
  ahead = ahead.filter((other) => other.token !== token);
}

// --- The other ways on

async function back(event) {
  event?.preventDefault();
  await drafts.flush();
  // The one before may still be on its way; it has a number only when it has arrived.
  if (await outbox.empty(4000) && last && !data.revises) location.assign(urls.revise.replace(/0\/$/, `${last}/`));
}

function ask(id) {
  if (!current) return;
  document.getElementById(id)?.showModal();
}

function reveal(event) {
  if (event.repeat) return;
  for (const veil of current?.element.querySelectorAll("[data-veil]") ?? []) show(veil);
}

/** Everything off the screen, at once; then the items go back. */
function panic() {
  if (isGone) return;
  isGone = true;
  const tokens = data.revises ? [] : [current, ...ahead, returned].filter(Boolean).map(({ token }) => token);
  stage.replaceChildren();
  rulebar.empty();
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  document.title = "Castor";
  current = null;
  ahead = [];
  document.getElementById("panic").showModal();
  for (const token of tokens) drafts.drop(token);
  if (tokens.length) wire.post(urls.release, { tokens: tokens.slice(0, 3) }, { keepalive: true }).catch(() => {});
}

/** While the page is in use the items stay its person's. */
async function stayHolding() {
  const inUse = performance.now() - usedAt < (data.lease * 1000) / 2;
  if (!current || !inUse || data.revises) return;
  const tokens = holding().slice(0, 3);
  try {
    const { status: code, json } = await wire.post(urls.extend, { tokens });
    if (code === 200) for (const token of tokens) if (!json.held.includes(token)) lost(token);
  } catch { /* the next time, or the submit itself, will tell */ }
}

async function signOut(event) {
  const leaving = event.target;
  event.preventDefault();
  if (!(await outbox.empty(5000))) return say(words.unsent, { kind: "bad" });
  await store.forgetAllBut();
  return leaving.submit();
}

// --- The beginning

/** Fill in what was answered before the page was closed: `kept` by the server, or newer by this browser. */
async function restore(assigned, kept = null) {
  const draft = await drafts.find(assigned.token);
  const newest = draft && (!kept || draft.revision >= kept.revision) ? draft : kept;
  if (!newest || assigned.revision > 0) return;
  fill(assigned.element, questions(assigned), sides, newest.answers);
  Object.assign(assigned, { revision: newest.revision, reasons: newest.reasons ?? {}, key: newest.key ?? assigned.key });
  if (assigned === current) answered();
}

async function begin() {
  const first = assignment(data.sheet, stage.querySelector("[data-sheet]"));
  prepare(first.element, words);
  const wasRefused = Boolean(one("refusal"));
  const objections = [...one("rules").querySelectorAll("[data-rule]")].map((notice) => ({
    rule: notice.dataset.rule, message: notice.querySelector("[data-message]").textContent, weight: notice.classList.contains("warn") ? "warn" : "block" }));
  await store.forgetAllBut(`${data.annotator}/`);
  await outbox.load();
  if (outbox.has(first.token)) next();
  else {
    paint(first);
    await restore(first, { answers: data.answers, revision: data.revision, reasons: data.reasons });
    if (wasRefused) { rulebar.draw(objections, data.reasons); one("refusal").focus(); }
  }
  if (!data.revises) fetchAhead();
  page.dataset.ready = "";
}

if (/Mac|iP(hone|ad)/.test(navigator.platform)) one("submit-cap").textContent = "⌘ ⏎";
form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
form.addEventListener("change", changed);
form.addEventListener("input", (event) => { if (event.target.name?.startsWith("override-")) changed(event); });
for (const link of page.querySelectorAll("[data-dialog]")) link.addEventListener("click", (event) => { event.preventDefault(); ask(link.dataset.dialog); });
for (const button of page.querySelectorAll("[data-closes]")) button.addEventListener("click", () => button.closest("dialog").close());
one("back")?.addEventListener("click", back);
// One Esc more closes a dialog, whatever its cancel event says; nothing but its links may lead on from here.
document.getElementById("panic").addEventListener("close", (event) => { if (isGone) event.target.showModal(); });
for (const leaving of document.querySelectorAll("form[data-signs-out]")) leaving.addEventListener("submit", signOut);
for (const type of ["pointermove", "keydown", "scroll"]) window.addEventListener(type, () => { usedAt = performance.now(); }, { passive: true });
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
setInterval(stayHolding, Math.max(20, data.lease / 4) * 1000);
begin();
