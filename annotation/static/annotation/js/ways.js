// The other ways from an item: back to the one before, out of sight, and staying with it while it is read.
import { say } from "../../js/status.js";
import { look } from "../../js/hold.js";
import { coverAll } from "../../js/veil.js";
import { leaveBy } from "./going.js";
import { data, reviseAt, urls, words } from "./page.js";
import * as wire from "./wire.js";

const ARRIVAL = 4000; // Milliseconds to wait for what is on its way.
const HOLDS = 3; // The most that a page may speak of at once.

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
    await this.desk.drafts.flush();
    if (await this.sending.outbox.empty(ARRIVAL) && this.sending.last && !data.revises) await leaveBy(() => location.assign(reviseAt(this.sending.last)));
  }

  ask(id) {
    if (this.desk.current) document.getElementById(id)?.showModal();
  }

  /** What was said in a dialog goes out like answers, and the next item comes at once. */
  part(act, event) {
    event.preventDefault();
    if (data.is_trial) return void this.partByForm(event.target);
    const { csrfmiddlewaretoken, ...said } = Object.fromEntries(new FormData(event.target));
    event.target.closest("dialog").close();
    event.target.reset();
    this.sending.partFrom(act, said);
  }

  /** A qualification has nothing ahead: its own page says what comes. */
  partByForm(form) {
    form.closest("dialog").close();
    return leaveBy(() => {
      this.desk.drafts.drop(this.desk.current.token);
      form.submit();
    });
  }

  reveal(event) {
    if (event.repeat) return;
    look(this.desk.current?.element.querySelectorAll("[data-veil]") ?? [], event);
  }

  /** Everything off the screen, at once; then the items go back. */
  panic() {
    const { desk, sending } = this;
    if (sending.isOver) return;
    sending.isOver = true;
    const tokens = data.revises && !data.is_trial ? [] : desk.tokens.concat(sending.returned?.token ?? []);
    coverAll();
    desk.clear();
    desk.current = null;
    desk.ahead = [];
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
    document.title = "Castor";
    document.getElementById("panic").showModal();
    for (const token of tokens) desk.drafts.drop(token);
    if (tokens.length) wire.post(urls.release, { tokens: tokens.slice(0, HOLDS) }, { keepalive: true }).catch(() => {});
  }

  /** While the page is in use, what is on the desk stays its person's. */
  async stay() {
    const inUse = performance.now() - this.usedAt < (data.lease * 1000) / 2;
    if (!this.desk.current || !inUse || data.revises) return;
    const tokens = this.desk.tokens.slice(0, HOLDS);
    // When it cannot be asked, the next time or the submit itself will tell.
    const answer = await wire.post(urls.extend, { tokens }).catch(() => null);
    if (answer?.status !== 200) return;
    for (const token of tokens) if (!answer.json.held.includes(token)) this.lost(token);
  }

  lost(token) {
    if (token === this.desk.current?.token) say(words.lost, { kind: "warn" });
    this.desk.retain(this.desk.tokens.filter((other) => other !== token));
  }
}
