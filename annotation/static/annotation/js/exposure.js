// Tells the server when something covered comes into sight, that it still is, and when it is covered again. The server counts.
import { say } from "../../js/status.js";
import { coverAll } from "../../js/veil.js";
import { data, filled, one, stage, urls, words } from "./page.js";
import * as wire from "./wire.js";

export class Exposure {
  constructor(desk) {
    Object.assign(this, { desk, token: null, isOver: false, line: Promise.resolve() });
    for (const type of ["veil:shown", "veil:covered"]) stage.addEventListener(type, () => this.look());
    window.addEventListener("pagehide", () => coverAll());
    setInterval(() => { this.look(); if (this.token) this.tell(this.token, true); }, data.beat * 1000);
  }

  /** What is in sight now, if that changed since the server was told. */
  look() {
    const isShown = stage.querySelector("[data-veil][data-shown-at]") !== null;
    if (isShown && this.isOver) coverAll();
    else if (isShown && !this.token) this.tell((this.token = this.desk.current?.token ?? data.sheet.token), true);
    else if (!isShown && this.token) { this.tell(this.token, false); this.token = null; }
  }

  /** In the order in which it was seen; what cannot be told now is told by the next sign of life. */
  tell(token, shown) {
    this.line = this.line.then(async () => {
      const { status, json } = await wire.post(urls.reveal, { token, shown }, { keepalive: true });
      if (status === 200) this.heard(json);
    }).catch(() => {});
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
    await desk.drafts.flush();
    pause.submit();
  });
}
