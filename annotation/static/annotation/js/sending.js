// From the desk to the server and back: submitting, fetching ahead, and what comes back refused.
import { coverAll } from "../../js/veil.js";
import { say } from "../../js/status.js";
import { missing, tooMany } from "./answers.js";
import { leaveBy } from "./going.js";
import { Outbox } from "./outbox.js";
import { data, filled, form, one, reviseAt, saved, sides, status, urls, uuid, words } from "./page.js";
import { evidence } from "./sheets.js";
import * as wire from "./wire.js";

const BUSY = 1500; // Milliseconds until one asks again where others are just taking what is left.
const UNREACHABLE = 3000;

export class Sending {
  constructor(desk) {
    this.desk = desk;
    this.sent = new Map(); // key → what was on the desk, until the server has it
    this.returned = null; // one that the server did not take
    this.last = data.last;
    this.isOver = false;
    this.isGone = false; // its person signed out: nothing is shown until somebody signs in
    this.outbox = new Outbox({
      prefix: `${data.annotator}/outbox/`,
      enrich: () => ({ holding: this.holding }),
      on: {
        delivered: (entry, json) => this.delivered(entry, json),
        refused: (entry, code, json) => this.refused(entry, code, json),
        stuck: (error, count) => this.stuck(error, count),
        moving: (count) => { if (count > 1) status(filled(words.waiting, { count })); },
      },
    });
  }

  /** What is here already, so that the server need not send it again. */
  get holding() { return [...this.desk.tokens, ...this.outbox.entries.map(({ body }) => body.token)]; }

  /** Send what is on the desk, if nothing keeps it from being sent. */
  submit() {
    const { desk } = this;
    if (!desk.current || this.isOver || !this.isSound()) return undefined;
    if (!data.is_trial) return this.send(desk.current, desk.rulebar.reasons());
    return leaveBy(async () => {
      await evidence.get(desk.current.element)?.report(); // a form says nothing of what was played
      desk.drafts.drop(desk.current.token);
      form.submit();
    });
  }

  isSound() {
    const { rulebar, current, questions } = this.desk;
    const broken = this.desk.judge();
    const all = { ...current.earlier, ...current.answers };
    const gaps = missing(questions, sides, all);
    if (gaps.length) return this.complain(filled(words.missing, { what: gaps.map(named).join(", ") }), gaps);
    const [excess] = tooMany(questions, sides, all);
    if (excess) return this.complain(filled(words.too_many, { what: named(excess), most: excess[0].at_most }), [excess]);
    const unplayed = evidence.get(current.element)?.lack();
    if (unplayed) return this.complain(unplayed, []);
    const reasons = rulebar.reasons();
    const unsaid = broken.find(({ rule, weight }) => weight === "block" || !reasons[rule]);
    if (!unsaid) return true;
    const notice = one("rules").querySelector(`[data-rule="${CSS.escape(unsaid.rule)}"]`);
    notice.scrollIntoView({ block: "nearest" });
    notice.querySelector("input")?.focus();
    if (unsaid.weight === "warn") status(words.reason);
    return false;
  }

  complain(text, places) {
    this.desk.rulebar.complain(text, this.desk.current.element, places);
    return false;
  }

  send(done, overrides) {
    // What is being typed changes this item, not the next: a field that goes away tells its last value late.
    document.activeElement?.blur();
    const { token, key, answers } = done;
    this.sent.set(key, done);
    const body = { token, key, answers, overrides, seconds: this.desk.clock.seconds, ...evidence.get(done.element)?.said() };
    if (data.revises) return this.part("revise", location.pathname, body);
    this.desk.today += 1;
    return this.part("submit", urls.page, body);
  }

  /** Off the desk and on its way: answers, or why there are none. */
  part(act, url, body) {
    this.outbox.push({ campaign: data.campaign, act, url, body });
    this.desk.drafts.drop(body.token);
    status(words.sending);
    coverAll();
    if (this.desk.next()) one("announce").textContent = filled(words.next, { step: one("heading").textContent });
  }

  /** Skip or report what is on the desk, for what was `said` in the dialog. */
  partFrom(act, said) {
    if (this.desk.current && !this.isOver) this.part(act, urls[act], { ...said, token: this.desk.current.token, key: uuid() });
  }

  delivered(entry, json) {
    this.sent.delete(entry.body.key);
    this.desk.drafts.drop(entry.body.token);
    for (const notice of document.querySelectorAll("[data-stuck]")) notice.remove();
    saved();
    if (json.done.standing === "late") say(words.late, { kind: "warn" });
    if (json.said) say(json.said, { kind: json.done.reported ? "good" : "warn" });
    if (json.is_outside) import("./gone.js").then(({ leave }) => leave(this));
    else if (entry.campaign === data.campaign) this.goOn(entry, json);
  }

  goOn({ act }, json) {
    if (data.revises) return void (act === "revise" && location.assign(urls.page));
    if (act === "revise") return undefined;
    if (!json.ahead) return this.fetchAhead();
    this.last = json.done.annotation;
    const link = one("back");
    if (link) Object.assign(link, { hidden: false, href: reviseAt(this.last) });
    return this.take(json);
  }

  /** Lay down what the server gave beyond what is here. */
  take(json) {
    const { desk } = this;
    const known = new Set(this.holding);
    for (const fresh of json.ahead ?? []) if (!known.has(fresh.token)) desk.put(desk.receive(fresh));
    if (json.held) desk.retain(json.held);
    // The day's work is done: the server's page says so, when everything has arrived.
    if (json.is_resting && !this.outbox.count) return void location.assign(urls.page);
    if (desk.current || this.isOver) return;
    if (desk.ahead.length) desk.next();
    else if (json.is_busy) setTimeout(() => this.fetchAhead(), BUSY);
    // Nothing is left, or the campaign is closed: the server's page says so.
    else if (!this.outbox.count) location.assign(urls.page);
  }

  async fetchAhead() {
    if (this.isOver || this.isGone || data.revises) return;
    try {
      const { status: code, json } = await wire.post(urls.ahead, { holding: this.holding });
      if (code === 200) this.take(json);
      else if (!this.outbox.count) location.assign(urls.page);
    } catch (error) {
      this.stuck(error, this.outbox.count);
      clearTimeout(this.again);
      this.again = setTimeout(() => this.fetchAhead(), UNREACHABLE);
    }
  }

  /** Nothing was stored. What can be mended is brought back, the rest is said. */
  refused(entry, code, json) {
    const done = this.sent.get(entry.body.key);
    this.sent.delete(entry.body.key);
    if (entry.act === "submit") this.desk.today -= 1;
    const message = json.message ?? String(code);
    // Sent by a page that is gone: its item comes again, with these answers.
    if (code === 422 && !done && entry.act === "submit") this.keepAgain(entry.body);
    if (code !== 422 || !done || this.isOver) {
      say(filled(words.gone, { message }), { kind: "bad" });
      return this.fetchAhead();
    }
    this.returned = { ...done, key: uuid(), refusal: json };
    this.desk.keep(this.returned);
    const { current } = this.desk;
    if (!current || Object.keys(current.answers).length === 0) return this.comeBack();
    const undo = { label: words.go_back, act: () => this.comeBack() };
    return say(filled(words.not_taken, { message }), { kind: "bad", undo });
  }

  keepAgain({ token, answers, overrides }) {
    this.desk.drafts.keep({ token, key: uuid(), revision: 1, answers, reasons: overrides ?? {} });
  }

  /** What was refused lies on the desk again, before what is there now. */
  comeBack() {
    const { desk, returned } = this;
    if (!returned) return;
    this.returned = null;
    coverAll();
    if (desk.current) desk.ahead.unshift(desk.current);
    desk.paint(returned);
    const { message, problems, objections } = returned.refusal;
    desk.rulebar.draw(objections, returned.reasons);
    const places = problems.map(({ question, side }) => [desk.questions.find(({ key }) => key === question), side]);
    this.complain([message, ...problems.map((problem) => problem.message)].join(" "), places.filter(([question]) => question));
  }

  /** It could not be delivered now; it stays here, and is tried again. */
  stuck(error, count) {
    if (count) status(filled(words.waiting, { count }));
    if (error instanceof wire.AnotherPerson) this.say("another");
    else if (error instanceof wire.Foreign) this.say("foreign", error);
  }

  /** Say it once, until something is delivered. */
  say(name, values = {}) {
    if (document.querySelector(`[data-stuck="${name}"]`)) return null;
    const notice = say(filled(words[name], values), { kind: "bad" });
    notice.dataset.stuck = name;
    return notice;
  }

  /** The session is over. */
  signedOut() { return import("./signing_in.js").then(({ meet }) => meet(this), () => {}); }
}

const named = ([question, side]) => (side && sides.length > 1 ? `${side.toUpperCase()}: ${question.wording}` : question.wording);
