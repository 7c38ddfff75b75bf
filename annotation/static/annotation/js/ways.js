// The other ways from an item: back to the one before, out of sight, and staying with it while it is read.
import { look, stay } from "../../js/hold.js";
import { say } from "../../js/status.js";
import { coverAll } from "../../js/veil.js";
import { askOver, spokenOf } from "./asking.js";
import { MOST, held } from "./away.js";
import { leaveBy } from "./going.js";
import { data, reviseAt, urls, words } from "./page.js";
import * as wire from "./wire.js";

const ARRIVAL = 4000; // Milliseconds to wait for what is on its way.

export class Ways {
  constructor(desk, sending) {
    Object.assign(this, { desk, sending, usedAt: performance.now() });
    const used = () => { this.usedAt = performance.now(); };
    for (const type of ["pointermove", "keydown", "scroll"]) window.addEventListener(type, used, { passive: true });
    setInterval(() => this.stay(), Math.max(20, data.lease / 4) * 1000);
    // One Esc more closes a dialog, whatever its cancel event says; only its links lead on from here.
    const gone = document.getElementById("panic");
    gone.addEventListener("close", () => { if (this.sending.isOver) gone.showModal(); });
    for (const act of ["skip", "report"]) document.querySelector(`#${act}-dialog form`)?.addEventListener("submit", (event) => this.part(act, event));
  }

  /** The one before may still be on its way; it has a number only when it has arrived. */
  async back(event) {
    event?.preventDefault();
    const { refusals } = this.sending;
    await this.desk.drafts.safe();
    if (!await this.sending.outbox.empty(ARRIVAL)) say(words.offline, { kind: "warn" });
    // The one before is what was refused: it is here or comes next, and that is said.
    else if (this.sending.refusals > refusals || this.desk.ahead.some(({ refusal }) => refusal)) return;
    else if (this.sending.last && !data.revises) await leaveBy(() => location.assign(reviseAt(this.sending.last)));
  }

  ask(id) {
    if (this.desk.current) askOver(id, this.desk.current.token);
  }

  /** What was said in a dialog goes out like answers, and the next item comes at once. */
  part(act, event) {
    event.preventDefault();
    if (data.is_trial) return void this.partByForm(event.target);
    const { csrfmiddlewaretoken, ...said } = Object.fromEntries(new FormData(event.target));
    event.target.closest("dialog").close();
    event.target.reset();
    this.sending.partFrom(act, spokenOf(event.target), said);
  }

  partByForm(form) {
    form.closest("dialog").close();
    return leaveBy(() => this.sending.leaveWith(form, location.pathname));
  }

  reveal(event) {
    if (event.repeat) return;
    look(this.desk.current?.element.querySelectorAll("[data-veil]") ?? [], event);
  }

  keepOpen() {
    stay(this.desk.current?.element.querySelectorAll("[data-veil]") ?? []);
  }

  /** Everything off the screen, at once; then the items go back. What was answered is kept for its person, as always. */
  panic() {
    const { desk, sending } = this;
    if (sending.isOver) return;
    sending.isOver = true;
    const tokens = data.revises && !data.is_trial ? [] : desk.tokens;
    coverAll();
    desk.clear();
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
    document.title = "Castor";
    document.getElementById("panic").showModal();
    // What went back from a qualification does not come again.
    if (data.is_trial) for (const token of tokens) desk.drafts.drop(token);
    else desk.drafts.flush();
    if (tokens.length) wire.post(urls.release, { tokens: tokens.slice(0, MOST) }, { keepalive: true }).catch(() => {});
  }

  /** While the page is in use, what is on the desk stays its person's. */
  async stay() {
    const inUse = performance.now() - this.usedAt < (data.lease * 1000) / 2;
    const tokens = held(this.desk).slice(0, MOST);
    if (!this.desk.current || !inUse || !tokens.length) return;
    // When it cannot be asked, the next time or the submit itself will tell.
    const answer = await wire.post(urls.extend, { tokens }).catch(() => null);
    if (answer?.status !== 200) return;
    if (tokens.some((token) => !answer.json.held.includes(token))) this.sending.held.ask();
  }
}
