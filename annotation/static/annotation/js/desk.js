// What lies before its person: the item shown, those held ahead, and the answers given so far.
import { fill, read, withImplied } from "./answers.js";
import { Clock } from "./clock.js";
import { Drafts } from "./drafts.js";
import { data, filled, form, one, saved, savedHere, sides, stage, status, urls, uuid, words } from "./page.js";
import { Rulebar } from "./rulebar.js";
import { build, follow, prepare } from "./sheets.js";

/**
 * An assignment here is { token, step, key, earlier, answers, revision, reasons, element }. `on` is told
 * painted() when another is shown, filled() when other answers came into the one that is, ranOut() when there is none, lost(token) when a lease is over, stuck(error)
 * when a draft did not reach the server.
 */
export class Desk {
  constructor(on) {
    this.on = on;
    this.current = null;
    this.ahead = [];
    this.today = data.today;
    this.clock = new Clock();
    this.rulebar = new Rulebar(one("rules"), { rules: data.rules, words });
    this.drafts = new Drafts({
      prefix: `${data.annotator}/draft/`,
      page: uuid(),
      // What is answered anew has no lease to keep a draft under; a newer answer has another number.
      url: data.revises ? null : urls.draft,
      name: (token) => (data.revises ? `${token}-${data.revises}` : token),
      on: { saved, savedHere, unsaved: () => status(words.unsaved), stuck: (error) => on.stuck(error), lost: (token) => on.lost(token), elsewhere: (token, other) => import("./elsewhere.js").then(({ meet }) => meet(this, token, other)) },
    });
  }

  get tokens() { return [this.current, ...this.ahead].filter(Boolean).map(({ token }) => token); }
  get questions() { return data.steps[this.current.step].questions; }

  /** An assignment from what the server sent; the one that the page came with has its element already. */
  receive({ token, step, earlier, parts }, element = null) {
    if (element) prepare(element, words);
    const sheet = element ?? build({ step, parts }, words);
    return { token, step, earlier, key: uuid(), answers: {}, revision: 0, reasons: {}, element: sheet };
  }

  /** Lay one behind the others. */
  put(assignment) {
    this.ahead.push(assignment);
    this.restore(assignment);
  }

  /** Show the next; whether there is one. */
  next() {
    this.current = null;
    if (this.ahead.length) return this.paint(this.ahead.shift());
    this.clear();
    this.on.ranOut();
    return false;
  }

  clear() {
    stage.replaceChildren();
    this.rulebar.empty();
  }

  paint(assignment) {
    document.activeElement?.blur();
    this.current = assignment;
    if (assignment.element.parentNode !== stage) stage.replaceChildren(assignment.element);
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
    window.scrollTo(0, 0);
    return true;
  }

  /** After any change: what is asked now, and which rules are broken. */
  judge() {
    const { current, questions } = this;
    current.answers = read(current.element, questions, sides);
    follow(current.element, questions, { ...current.earlier, ...current.answers });
    // Hidden fields are disabled only now, so they are read anew.
    current.answers = read(current.element, questions, sides);
    const whole = { ...current.earlier, ...withImplied(questions, sides, current.answers) };
    return this.rulebar.try(whole, sides, current.reasons);
  }

  /** A field was changed: judge anew, and keep what there is. */
  changed(field) {
    const { current } = this;
    if (!current) return;
    field.closest?.(".question")?.classList.remove("missing");
    if (field.name?.startsWith("override-")) current.reasons = this.rulebar.reasons();
    else this.judge();
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
    if (assignment.revision > 0) return;
    drafts.bases.set(token, kept?.revision ?? local?.based_on ?? 0);
    const isSamePage = local && kept?.page && [local.page, local.heir_of].includes(kept.page);
    const isNewer = local && (!kept?.page || (isSamePage ? local.revision > kept.revision : local.based_on === kept.revision));
    if (kept && !isNewer) this.fillIn(assignment, kept);
    if (isNewer) this.adopt(assignment, local);
    else if (isSamePage) drafts.drop(token, { others: true });
    else if (local) (await import("./elsewhere.js")).offer(this, assignment, local);
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

  /** Keep of those ahead only what the server says is still held. */
  retain(tokens) {
    this.ahead = this.ahead.filter(({ token }) => tokens.includes(token));
  }
}
