// Asks the server for what is covered, tells it that this is still in sight, and when it is covered again. The server counts.
import { say } from "../../js/status.js";
import { OPEN, askFirst, coverAll } from "../../js/veil.js";
import { leaveBy } from "./going.js";
import { data, filled, one, stage, status, urls, words } from "./page.js";
import * as wire from "./wire.js";

const PATIENCE = 10_000; // Milliseconds until an answer is no longer waited for.
const MISSED = 3; // Signs of life in a row that did not arrive: then the server no longer counts.

export class Exposure {
  constructor(desk) {
    Object.assign(this, { desk, token: null, given: null, isOver: false, missed: 0, line: Promise.resolve() });
    askFirst(() => this.ask());
    for (const type of ["veil:covered", "veil:forgone"]) stage.addEventListener(type, () => this.look());
    window.addEventListener("pagehide", () => coverAll());
    setInterval(() => { this.look(); if (this.token) this.beat(this.token); }, data.beat * 1000);
    // What one page covers is covered for the server; one that still shows the same opens it anew.
    this.others = new BroadcastChannel(`castor/reveal/${data.annotator}`);
    this.others.addEventListener("message", ({ data: token }) => { if (token === this.token) this.beat(token); });
  }

  /** What lies behind the doors of the item shown, asked for once while any of them is open; null when they stay shut. */
  async ask() {
    if (this.isOver) { status(words.over); return null; }
    const token = this.desk.current?.token ?? data.sheet.token;
    if (this.token !== token) Object.assign(this, { token, given: this.tell(token, { shown: true, parts: true }) });
    const { code, json } = await this.given;
    if (code === 200) return json.parts ?? null;
    status(code === 404 ? words.not_yours : words.not_shown);
    return null;
  }

  /** When nothing is open any more, nothing of it is kept, and the server is told. */
  look() {
    if (stage.querySelector(OPEN) || !this.token) return;
    const { token } = this;
    Object.assign(this, { token: null, given: null, missed: 0 });
    this.tell(token, { shown: false }).then(() => this.others.postMessage(token));
  }

  async beat(token) {
    const { code } = await this.tell(token, { shown: true });
    if (token !== this.token) return;
    this.missed = code === 200 ? 0 : this.missed + 1;
    if (code !== 404 && this.missed < MISSED) return;
    status(code === 404 ? words.not_yours : words.not_shown);
    coverAll();
  }

  /** In the order in which it was done; gives { code, json }, code 0 when the server was not reached. */
  tell(token, said) {
    const told = this.line.then(async () => {
      const { status: code, json } = await wire.post(urls.reveal, { token, ...said }, { keepalive: true, patience: PATIENCE });
      if (code === 200) this.heard(json);
      return { code, json };
    }).catch(() => ({ code: 0 }));
    this.line = told;
    return told;
  }

  heard({ is_over: isOver, level }) {
    const gauge = one("exposure");
    gauge?.setAttribute("aria-label", filled(words.exposure, { level }));
    [...(gauge?.children ?? [])].forEach((dot, number) => dot.classList.toggle("full", number < level));
    if (!isOver || this.isOver) return;
    this.isOver = true;
    coverAll();
    say(words.over, { kind: "warn" });
  }
}

/** Say it when a break is due, and again after as long; a break keeps what was answered. */
export function remind(desk) {
  const notice = one("reminder");
  if (!notice || data.reminder === null) return;
  setTimeout(() => { notice.hidden = false; }, Math.max(0, data.reminder - data.worked) * 1000);
  const pause = one("pause");
  pause?.addEventListener("submit", async (event) => {
    event.preventDefault();
    coverAll();
    await desk.drafts.safe();
    await leaveBy(() => { desk.isPausing = true; pause.submit(); });
  });
}
