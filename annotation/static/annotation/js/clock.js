// How long an item has been before somebody's eyes: only while the page is in sight.
export class Clock {
  constructor() {
    this.restart();
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.stop(); else this.go(); });
  }

  restart() {
    this.counted = 0;
    this.since = null;
    if (!document.hidden) this.go();
  }

  go() { this.since ??= performance.now(); }

  stop() {
    if (this.since !== null) this.counted += performance.now() - this.since;
    this.since = null;
  }

  get seconds() {
    const running = this.since === null ? 0 : performance.now() - this.since;
    return Math.round((this.counted + running) / 100) / 10;
  }
}
