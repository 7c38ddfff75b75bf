// Whether what lies here is still its person's, and whether in the open: asked beforehand, so that nothing is painted that must not be seen.
import { say } from "../../js/status.js";
import { closeOthers } from "./asking.js";
import { leaveBy } from "./going.js";
import { leave } from "./gone.js";
import { data, urls, words } from "./page.js";
import { vacate } from "./vacancy.js";
import * as wire from "./wire.js";

const OFTEN = 5000; // Milliseconds between two looks.
const PATIENCE = 10_000;
const MOST = 3; // The most that a page may ask about at once.
// Why one is not to see it any longer, whatever was answered; and why no other comes.
const OUT_OF_SIGHT = ["taken", "wish"];
const NO_MORE = ["closed", "rest", "time"];
const SAID = { taken: "taken", wish: "wish", back: "went_back" };

export class Held {
  constructor(desk, sending) {
    Object.assign(this, { desk, sending, isAsking: false, isToAskAgain: false });
    const look = () => { if (!document.hidden) this.ask(); };
    setInterval(look, OFTEN);
    document.addEventListener("visibilitychange", look);
    // Its person has said anew what is wanted, in another tab.
    new BroadcastChannel("castor/wishes").addEventListener("message", () => this.ask());
  }

  get isIdle() { return this.sending.isOver || this.sending.isGone || !this.desk.tokens.length; }

  async ask() {
    if (this.isIdle) return;
    if (this.isAsking) { this.isToAskAgain = true; return; }
    this.isAsking = true;
    // What is answered anew has no lease: it is known by the number of the answer.
    const body = data.revises && !data.is_trial ? { revises: data.revises } : { tokens: this.desk.tokens.slice(0, MOST) };
    // When it cannot be asked, the next time or the submit itself will tell.
    const answer = await wire.post(urls.held, body, { patience: PATIENCE, isQuiet: true }).catch(() => null);
    this.isAsking = false;
    if (answer && !this.isIdle) this.hear(answer);
    if (this.isToAskAgain) { this.isToAskAgain = false; this.ask(); }
  }

  hear({ status, json }) {
    // Who takes part no longer may still submit what was begun.
    if (status === 404 && !this.desk.current?.revision && !this.sending.outbox.count) leave(this.sending);
    if (status !== 200) return;
    const before = this.desk.ahead.length;
    for (const one of this.desk.all) {
      if (one.token in json.held) this.stays(one, json.held[one.token]);
      else if (one.token in json.gone) this.goes(one, json.gone[one.token]);
    }
    const isToFetch = this.desk.ahead.length < before && !Object.values(json.gone).some((why) => NO_MORE.includes(why));
    if (isToFetch && !this.sending.outbox.count) this.sending.fetchAhead();
  }

  stays(one, isCovered) {
    one.isGrave = isCovered && !one.element.querySelector("[data-veil]");
    if (one.isGrave) this.cover(one);
    else if (one === this.desk.withheld) this.desk.paint(one);
  }

  /** Something grave was found of it meanwhile: the server gives it again, behind a door. */
  cover(one) {
    const { desk } = this;
    if (one === desk.current) { say(words.found, { kind: "warn" }); desk.withhold(); }
    else if (one !== desk.withheld) desk.drop(one);
    if (data.revises) this.comeAnew();
    else this.sending.fetchAhead();
  }

  /** What lies here alone, with nothing ahead, comes with its page: behind a door, or what was answered without it. Its draft is in the browser. */
  async comeAnew() {
    await this.desk.drafts.isHere;
    await leaveBy(() => location.replace(location.pathname + location.search));
  }

  goes(one, why) {
    const { desk } = this;
    if (data.revises) {
      if (!OUT_OF_SIGHT.includes(why)) return;
      if (one === desk.current) desk.withhold();
      this.comeAnew();
      return;
    }
    if (desk.ahead.includes(one)) {
      // What was refused is its person's work: it may be mended as long as it may be seen.
      if (!one.refusal || OUT_OF_SIGHT.includes(why)) desk.drop(one);
      return;
    }
    // Its answers were on their way when an earlier page was left; here nothing was said of it.
    if (why === "done" && !one.revision) { desk.next(); return; }
    // What was found grave is seen behind a door or not at all.
    if (one.isGrave || OUT_OF_SIGHT.includes(why) || (why === "back" && !one.revision)) { this.takeAway(one, why); return; }
    if (one === desk.withheld) desk.paint(one);
    if (one.isTold) return;
    one.isTold = true;
    if (why === "closed" || why === "rest") this.sending.end(why);
    else say(words[why], { kind: "warn" });
  }

  takeAway(one, why) {
    const { desk, sending } = this;
    if (one === desk.current) desk.withhold();
    closeOthers();
    one.why = why;
    const lines = [words[SAID[why] ?? "no_longer_shown"], ...(desk.isWhole(one) ? [words.goes_along] : [])];
    vacate(lines, { label: words.go_on, act: () => sending.leaveBehind() });
  }
}
