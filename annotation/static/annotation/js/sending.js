// From the desk to the server and back: submitting, fetching ahead, and what comes back refused.
import { coverAll } from "../../js/veil.js";
import { say } from "../../js/status.js";
import { inOrder, missing, tooMany } from "./answers.js";
import { leaveBy, sendForm } from "./going.js";
import * as gone from "./gone.js";
import { Held } from "./held.js";
import { later } from "./later.js";
import { Outbox } from "./outbox.js";
import { data, filled, form, named, one, reviseAt, saved, sides, status, urls, uuid, words } from "./page.js";
import { evidence } from "./sheets.js";
import { isVacant, vacate } from "./vacancy.js";
import * as wire from "./wire.js";

const BUSY = 1500; // Milliseconds until one asks again where others are just taking what is left.
const UNREACHABLE = 3000;
const SAID = 3; // The most questions that are named at once.
const MOST = 3; // The most that a page may speak of at once.
// Nothing was kept, and other answers would be: too large, or such as do not fit.
const MENDABLE = [400, 413, 422];

export class Sending {
  constructor(desk) {
    this.desk = desk;
    this.sent = new Map(); // key → what was on the desk, until the server has it
    this.last = data.last;
    this.refusals = 0; // how many answers were not taken
    this.isOver = false;
    this.isGone = false; // its person signed out: nothing is shown until somebody signs in
    this.held = new Held(desk, this);
    this.outbox = new Outbox({
      prefix: `${data.annotator}/outbox/`,
      // Of another campaign nothing is shown here: nothing is to be given for it.
      enrich: ({ campaign }) => (campaign === data.campaign ? { holding: this.holding } : { only: true }),
      on: {
        delivered: (entry, json) => this.delivered(entry, json),
        refused: (entry, code, json) => this.refused(entry, code, json),
        stuck: (error, count) => this.stuck(error, count),
        sentElsewhere: () => this.sentElsewhere(),
        moving: (count) => { if (count > 1 && !this.outbox.isAtRisk && !isVacant()) status(filled(words.waiting, { count })); },
      },
    });
  }

  /** What is here already, so that the server need not send it again. */
  get holding() { return [...this.desk.tokens.filter((token) => token !== this.desk.withheld?.token), ...this.outbox.entries.map(({ body }) => body.token)]; }

  /** Send what is on the desk, if nothing keeps it from being sent. */
  submit() {
    const { desk } = this;
    if (desk.withheld) return this.leaveBehind();
    if (!desk.current || this.isOver || !this.isSound()) return undefined;
    if (!data.is_trial) return this.send(desk.current, desk.rulebar.reasons());
    return leaveBy(async () => {
      await evidence.get(desk.current.element)?.report(); // a form says nothing of what was played
      await this.leaveWith(form);
    });
  }

  /** A qualification has nothing ahead: its own page says what comes, and only then its draft is not needed any more. */
  async leaveWith(sent, known = "") {
    const { token } = this.desk.current ?? this.desk.withheld;
    const next = await sendForm(sent, known);
    if (!next) return;
    await this.desk.drafts.drop(token);
    if (!this.isOver) location.assign(next);
  }

  /** On from what was taken away; what was answered of it goes along, where that is whole. */
  leaveBehind() {
    const { desk } = this;
    const { withheld } = desk;
    if (!withheld.why) return;
    if (desk.isWhole(withheld)) this.send(withheld, withheld.reasons);
    else desk.next();
  }

  isSound() {
    const { rulebar, current, questions } = this.desk;
    const broken = this.desk.judge();
    const all = { ...current.earlier, ...current.answers };
    const gaps = inOrder(current.element, missing(questions, sides, all));
    if (gaps.length) return this.complain(listed(gaps), gaps);
    const [excess] = tooMany(questions, sides, all);
    if (excess) return this.complain(filled(words.too_many, { what: named(excess), most: excess[0].at_most }), [excess]);
    const unplayed = evidence.get(current.element)?.lack();
    if (unplayed) return this.complain(unplayed, []);
    const reasons = rulebar.reasons();
    const unsaid = broken.find(({ rule, weight }) => weight === "block" || !reasons[rule]);
    if (!unsaid) return rulebar.isShort();
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
    this.desk.next();
    // After it is painted: nobody waits for it.
    setTimeout(() => this.held.ask(), 0);
  }

  /** Skip or report the item of that token, for what was `said` in the dialog over it, as long as it is on the desk. */
  partFrom(act, token, said) {
    const { current, withheld } = this.desk;
    if ((current ?? withheld)?.token === token && !this.isOver) this.part(act, urls[act], { ...said, token, key: uuid() });
  }

  delivered(entry, json) {
    const isOfHere = entry.campaign === data.campaign;
    const isTold = (isOfHere && (json.is_outside || json.is_closed)) || this.sent.get(entry.body.key)?.why;
    this.sent.delete(entry.body.key);
    this.desk.drafts.drop(entry.body.token);
    for (const notice of document.querySelectorAll("[data-stuck]")) notice.remove();
    saved();
    if (json.done.standing === "late" && !isTold) say(words.late, { kind: "warn" });
    if (json.said) say(json.said, { kind: json.done.reported ? "good" : "warn" });
    if (!isOfHere) return;
    if (json.is_outside) gone.leave(this);
    else this.goOn(entry, json);
  }

  goOn({ act, url }, json) {
    // What an older page sent leads nobody out of what he answers anew now.
    if (data.revises) return void (url === location.pathname && location.assign(urls.page));
    if (act === "revise") return undefined;
    if (!json.ahead) return this.fetchAhead();
    this.last = json.done.annotation;
    const link = one("back");
    if (link) Object.assign(link, { hidden: false, href: reviseAt(this.last) });
    return this.take(json, { isLatest: true });
  }

  /** Lay down what the server gave beyond what is here; `isLatest` says that nothing later can have been said of what is shown. */
  take(json, { isLatest = false } = {}) {
    const { desk } = this;
    if (this.isOver) return this.release(json.held ?? []);
    if (this.isGone) return undefined;
    const known = new Set(this.holding);
    for (const fresh of json.ahead ?? []) if (!known.has(fresh.token)) desk.put(desk.receive(fresh), fresh.draft);
    if (json.held) desk.retain(json.held);
    if (json.is_resting) return this.end(json.is_closed ? "closed" : "rest");
    if (desk.current && json.held && !json.held.includes(desk.current.token)) {
      if (isLatest) desk.withhold();
      return this.held.ask();
    }
    if (desk.current || desk.withheld) return undefined;
    if (desk.ahead.length) return desk.next();
    if (json.is_busy) return setTimeout(() => this.fetchAhead(), BUSY);
    return this.leave();
  }

  /** The day's work is done, or the campaign closed. What was begun here may still be submitted; else the server's page says why. */
  end(why) {
    const { desk } = this;
    coverAll();
    desk.retain([]);
    if (desk.withheld?.isGrave && !desk.withheld.why) this.held.takeAway(desk.withheld, why);
    else if (desk.current?.revision || desk.ahead.length) this.say(why === "closed" ? "closed_here" : "no_more");
    else if (!desk.withheld) this.leave();
  }

  /** Nothing more is to be done here: the server's page says why, when everything has arrived. */
  leave() { if (!this.outbox.count && !this.isOver && !this.isGone) location.assign(urls.page); }

  /** What came when everything was to be gone from the screen goes back. */
  release(tokens) {
    if (tokens.length) wire.post(urls.release, { tokens: tokens.slice(0, MOST) }, { keepalive: true }).catch(() => {});
  }

  /** Nothing is here any more: what is on its way brings the next with its answer. */
  ranOut() {
    const { count, failures } = this.outbox;
    if (!count) this.fetchAhead();
    else if (failures) this.sayWhyEmpty(count);
  }

  async fetchAhead() {
    if (this.isOver || this.isGone || data.revises) return;
    try {
      const { status: code, json } = await wire.post(urls.ahead, { holding: this.holding });
      if (code === 200) this.take(json);
      else this.leave();
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
    this.refusals += 1;
    if (done && entry.act === "submit") this.desk.today -= 1;
    if (this.isOver) return this.release([entry.body.token]);
    const { message = String(code), problems = [], objections = [] } = json;
    const isMendable = MENDABLE.includes(code);
    // Sent by a page that is gone: its item comes again, with these answers.
    if (isMendable && !done && entry.act === "submit") this.keepAgain(entry.body);
    if (!isMendable || !done || done.why) {
      const reasons = [...problems, ...objections].map((one) => one.message);
      say(filled(words.gone, { message: [message, ...reasons].join(" ") }), { kind: "bad" });
      if (entry.act === "revise") return this.leaveAsItWas(entry, message);
      return this.fetchAhead();
    }
    return this.bringBack({ ...done, key: uuid(), revision: done.revision + 1, refusal: { message, problems, objections } });
  }

  /** A second thought is not taken: why, and a way on, where it was had; it leads nobody out of another. */
  leaveAsItWas({ url }, message) {
    if (url !== location.pathname) return;
    status("");
    vacate([message], { label: words.go_on, href: urls.page });
  }

  keepAgain({ token, answers, overrides }) {
    this.desk.drafts.keep({ token, key: uuid(), revision: 1, answers, reasons: overrides ?? {} });
  }

  /** It comes next; at once only where nothing else is shown: nobody's keys are to land on another item than he reads. */
  bringBack(returned) {
    const { desk } = this;
    desk.keep(returned);
    desk.ahead.unshift(returned);
    if (!desk.current && !desk.withheld) return desk.next();
    const undo = { label: words.go_back, act: () => this.goTo(returned) };
    returned.notice = say(filled(words.not_taken, returned.refusal), { kind: "bad", undo });
    return undefined;
  }

  goTo(returned) {
    const { desk } = this;
    if (!desk.ahead.includes(returned)) return;
    if (desk.withheld) { this.leaveBehind(); return; }
    coverAll();
    desk.drop(returned);
    if (desk.current) desk.ahead.unshift(desk.current);
    desk.paint(returned);
  }

  /** What was refused lies on the desk again: what is wrong with it. */
  explain(returned) {
    const { desk } = this;
    const { message, problems, objections } = returned.refusal;
    returned.notice?.remove();
    returned.refusal = null;
    desk.rulebar.draw(objections, returned.reasons);
    const places = problems.map(({ question, side }) => [desk.questions.find(({ key }) => key === question), side]);
    this.complain([message, ...problems.map((problem) => problem.message)].join(" "), places.filter(([question]) => question));
  }

  /** It could not be delivered now; it stays here, and is tried again. */
  stuck(error, count) {
    if (count) status(this.waiting(count));
    this.sayWhyEmpty(count);
    if (error instanceof wire.AnotherPerson) this.say("another");
    else if (error instanceof wire.Foreign) this.say("foreign", error);
  }

  /** What waited here has gone out by another page, which has its answer. */
  sentElsewhere() {
    for (const notice of document.querySelectorAll("[data-stuck]")) notice.remove();
    status("");
    if (!isVacant() || this.desk.withheld) return;
    if (data.revises) this.leave();
    else this.fetchAhead();
  }

  waiting(count) { return this.outbox.isAtRisk ? words.unsaved : filled(count === 1 ? words.waiting_one : words.waiting, { count }); }

  sayWhyEmpty(count) {
    if (!isVacant() || this.desk.withheld || this.isOver) return;
    vacate([words.no_connection, ...(count ? [this.waiting(count)] : [])]);
    status(""); // it is said once
  }

  /** Say it once, until something is delivered. */
  say(name, values = {}) {
    if (document.querySelector(`[data-stuck="${name}"]`)) return null;
    const notice = say(filled(words[name], values), { kind: "bad" });
    notice.dataset.stuck = name;
    return notice;
  }

  /** The session is over. Where the form to sign in cannot be loaded, it is said all the same. */
  signedOut() { return later("signing_in", () => this.say("signed_out")).then((script) => script?.meet(this)); }
}

/** What is still to answer, in words: the first three, and how many more. */
function listed(gaps) {
  const what = gaps.slice(0, SAID).map(named).join(words.comma);
  const count = gaps.length - SAID;
  return filled(count > 0 ? words.missing_more : words.missing, { what, count });
}
