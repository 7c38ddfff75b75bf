// What lies before its person: the item shown, those held ahead, and the answers given so far.
import { coverAll } from "../../js/veil.js";
import { fill, isAsServed, isLonger, missing, read, tooLong, tooMany, withImplied } from "./answers.js";
import { closeOthers } from "./asking.js";
import { Clock } from "./clock.js";
import { Drafts } from "./drafts.js";
import { later } from "./later.js";
import { data, filled, form, named, one, saved, savedHere, sides, stage, status, urls, uuid, words } from "./page.js";
import { Rulebar } from "./rulebar.js";
import { build, evidence, follow, prepare } from "./sheets.js";
import { occupy, vacate } from "./vacancy.js";

/**
 * An assignment here is { token, step, key, earlier, answers, revision, reasons, element }, with the `refusal` of answers that the server did
 * not take. `on` is told painted() when another is shown, returned(assignment) when that was refused, filled() when other answers came into the
 * one that is, ranOut() when there is none, lost() when a lease is over, stuck(error) when a draft did not reach the server.
 */
export class Desk {
  constructor(on) {
    this.on = on;
    this.current = null;
    this.withheld = null; // what was shown and is out of sight until the server has said why, or `why` it was taken away
    this.ahead = [];
    this.today = data.today;
    this.clock = new Clock();
    this.rulebar = new Rulebar(one("rules"), { rules: data.rules, longest: data.longest.reason });
    this.drafts = new Drafts({
      prefix: `${data.annotator}/draft/`,
      page: uuid(),
      // What is answered anew has no lease to keep a draft under; a newer answer has another number.
      url: data.revises ? null : urls.draft,
      name: (token) => (data.revises ? `${token}-${data.revises}` : token),
      on: { saved, savedHere, unsaved: () => status(words.unsaved), stuck: (error) => on.stuck(error), lost: () => on.lost(), elsewhere: (token, other) => later("elsewhere").then((script) => script?.meet(this, token, other)) },
    });
  }

  get all() { return [this.withheld?.why ? null : this.withheld, this.current, ...this.ahead].filter(Boolean); }
  get tokens() { return this.all.map(({ token }) => token); }
  get questions() { return data.steps[this.current.step].questions; }

  /** An assignment from what the server sent; the one that the page came with has its element already. */
  receive({ token, step, earlier, parts }, element = null) {
    if (element) prepare(element, words);
    const sheet = element ?? build({ step, parts }, words);
    return { token, step, earlier, key: uuid(), answers: {}, revision: 0, reasons: {}, element: sheet };
  }

  /** Show the one that the page came with, filled as it was `served`; what was typed before this script began is a change of it. */
  async begin(first, { revision, reasons, key = first.key, ...served }) {
    const isTouched = !isAsServed(first.element);
    Object.assign(first, { isTouched, revision: revision + Number(isTouched), reasons, key });
    this.drafts.bases.set(first.token, revision);
    this.paint(first);
    await this.restore(first, { ...served, revision, reasons, key });
    if (isTouched && this.current === first) this.keep(first);
  }

  /** Lay one behind the others, with what the server `kept` of it; what is withheld until it comes, behind a door, is shown again. */
  put(assignment, kept = null) {
    const { withheld } = this;
    if (assignment.token !== withheld?.token) {
      this.ahead.push(assignment);
      if (kept) {
        this.drafts.bases.set(assignment.token, kept.revision);
        this.fillIn(assignment, kept);
      }
      this.restore(assignment, kept);
      return;
    }
    const { key, revision, reasons, answers } = withheld;
    Object.assign(assignment, { key, revision, reasons, isTouched: true });
    fill(assignment.element, data.steps[assignment.step].questions, sides, answers);
    this.paint(assignment);
  }

  /** Show the next, if there is one. */
  next() {
    this.current = null;
    this.withheld = null;
    if (this.ahead.length) {
      this.paint(this.ahead.shift());
      one("announce").textContent = filled(words.next, { step: one("heading").textContent });
      return;
    }
    closeOthers();
    this.rulebar.empty();
    vacate([words.moment]);
    this.on.ranOut();
  }

  /** Nothing of it is here any more. */
  clear() {
    Object.assign(this, { current: null, withheld: null, ahead: [] });
    stage.replaceChildren();
    this.rulebar.empty();
  }

  /** Out of sight at once; its answers stay. */
  withhold() {
    // A field that goes away tells its last value late.
    document.activeElement?.blur();
    coverAll();
    this.withheld = this.current;
    this.current = null;
    this.rulebar.empty();
    vacate([words.moment]);
  }

  paint(assignment) {
    closeOthers(assignment.token);
    this.current = assignment;
    this.withheld = null;
    occupy();
    // Whoever types into what came with the page already goes on typing there.
    if (assignment.element.parentNode !== stage) {
      document.activeElement?.blur();
      stage.replaceChildren(assignment.element);
      window.scrollTo(0, 0);
    }
    this.rulebar.empty();
    for (const name of ["token", "key", "step"]) form.elements[name].value = assignment[name];
    for (const field of document.querySelectorAll("dialog input[name=token]")) field.value = assignment.token;
    const { heading, ask } = data.steps[assignment.step];
    one("heading").textContent = heading;
    one("ask").textContent = ask;
    one("today").textContent = filled(words.today, { count: this.today });
    this.on.painted();
    this.judge();
    this.clock.restart();
    if (assignment.refusal) this.on.returned(assignment);
  }

  /** After any change: what is asked now, and which rules are broken. */
  judge() {
    const { current, questions } = this;
    current.answers = read(current.element, questions, sides);
    follow(current.element, questions, { ...current.earlier, ...current.answers });
    // Hidden fields are disabled only now, so they are read anew.
    current.answers = read(current.element, questions, sides);
    const whole = { ...current.earlier, ...withImplied(questions, sides, current.answers) };
    return this.rulebar.try(whole, sides, current.reasons, this.tooLong(questions, current.answers));
  }

  /** A field was changed: judge anew, and keep what there is. */
  changed(field) {
    const { current } = this;
    if (!current) return;
    field.closest?.(".question")?.classList.remove("missing");
    if (field.name?.startsWith("override-")) current.reasons = this.rulebar.reasons();
    else this.judge();
    current.isTouched = true;
    current.revision += 1;
    this.keep(current);
  }

  keep({ token, key, revision, answers, reasons }) {
    this.drafts.keep({ token, key, revision, answers, reasons });
  }

  /** Fill in what was answered before: `kept` by the server, or newer by a page of this browser that is gone. */
  async restore(assignment, kept = null) {
    const { drafts } = this;
    const { token } = assignment;
    const local = await drafts.find(token);
    if (!kept && !assignment.isTouched) drafts.bases.set(token, local?.based_on ?? 0);
    const isSamePage = local && kept?.page && [local.page, local.heir_of].includes(kept.page);
    const isNewer = local && (!kept?.page || (isSamePage ? local.revision > kept.revision : local.based_on === kept.revision));
    if (assignment.isTouched) {
      if (isNewer && local.page !== drafts.page) (await later("elsewhere"))?.offer(this, assignment, local);
      return;
    }
    if (kept && !isNewer) this.fillIn(assignment, kept);
    if (isNewer) this.adopt(assignment, local);
    else if (isSamePage) drafts.drop(token, { others: true });
    else if (local) (await later("elsewhere"))?.offer(this, assignment, local);
  }

  fillIn(assignment, { answers, revision, reasons = {}, key = assignment.key }) {
    fill(assignment.element, data.steps[assignment.step].questions, sides, answers);
    Object.assign(assignment, { revision, reasons, key });
    if (assignment !== this.current) return;
    this.rulebar.empty();
    this.judge();
    this.on.filled();
  }

  /** What only this browser had becomes this page's, and goes to the server. */
  adopt(assignment, local) {
    this.fillIn(assignment, local);
    // It may have sent more on its way out than the server had when this page was made.
    this.drafts.legacies.set(assignment.token, local.page);
    assignment.answers = local.answers;
    assignment.revision = 1 + Math.max(local.revision, this.drafts.bases.get(assignment.token) ?? 0);
    this.keep(assignment);
    this.drafts.drop(assignment.token, { others: true });
  }

  /** Keep of those ahead only what the server says is still held, and what was refused: its person may mend it. */
  retain(tokens) {
    this.ahead = this.ahead.filter(({ token, refusal }) => refusal || tokens.includes(token));
  }

  drop(assignment) {
    this.ahead = this.ahead.filter((other) => other !== assignment);
  }

  /** Objections to what is written at too much length. */
  tooLong(questions, answers) {
    return tooLong(questions, sides, answers, data.longest).map(([question, side, number]) => {
      const message = number ? filled(words.note_too_long, { what: filled(words[question.kind], { number }) }) : words.text_too_long;
      return { rule: "too-long", weight: "block", message: `${named([question, side])}: ${message}` };
    });
  }

  /** Whether the server would take it as it is: everything is answered that is asked, played, and nothing is broken. */
  isWhole({ step, earlier, answers, reasons, element }) {
    const { questions } = data.steps[step];
    const all = { ...earlier, ...answers };
    if (missing(questions, sides, all).length || tooMany(questions, sides, all).length || evidence.get(element)?.lack()) return false;
    const broken = this.rulebar.broken({ ...earlier, ...withImplied(questions, sides, answers) }, sides);
    const isSaid = ({ rule, weight }) => weight === "warn" && reasons[rule] && !isLonger(reasons[rule], data.longest.reason);
    return broken.every(isSaid) && !this.tooLong(questions, answers).length;
  }
}
