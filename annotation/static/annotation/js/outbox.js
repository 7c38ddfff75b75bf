// What is on its way: delivered in order and once, whatever fails.
import * as store from "./store.js";
import { post } from "./wire.js";

const PAUSES = [500, 1000, 2000, 4000, 8000, 15000];

/**
 * `prefix` is the annotator's. `enrich(body)` adds what is known only when it is sent. `on` is told:
 * delivered(entry, json), refused(entry, status, json), stuck(error, count), moving(count).
 */
export class Outbox {
  constructor({ prefix, enrich, on }) {
    Object.assign(this, { prefix, enrich, on, entries: [], failures: 0, running: null, wake: () => {} });
    window.addEventListener("online", () => this.hurry());
  }

  /** What an earlier page left behind. */
  async load() {
    this.entries = (await store.all(this.prefix)).map(([key, entry]) => ({ ...entry, storedAs: key }));
    this.deliver();
  }

  get count() { return this.entries.length; }
  has(token) { return this.entries.some((entry) => entry.body.token === token); }

  push(entry) {
    // Sorts by time, so that the order of answering is the order of delivery.
    const storedAs = `${this.prefix}${String(Date.now()).padStart(15, "0")}/${entry.body.key}`;
    this.entries.push({ ...entry, storedAs, kept: store.put(storedAs, entry) });
    this.deliver();
  }

  deliver() {
    this.running ??= this.work().finally(() => { this.running = null; if (this.entries.length) this.deliver(); });
    return this.running;
  }

  async work() {
    while (this.entries.length) {
      const entry = this.entries[0];
      this.on.moving(this.entries.length);
      try {
        const { status, json } = await post(entry.url, { ...entry.body, ...this.enrich(entry) }, { keepalive: true });
        this.failures = 0;
        await this.settle(entry, status, json);
      } catch (error) {
        // Said to wait is what outlives the page.
        Promise.all(this.entries.map(({ kept }) => kept))
          .then(() => this.entries.includes(entry) && this.on.stuck(error, this.entries.length));
        await this.pause();
      }
    }
  }

  /** Taken, or refused for good: its person hears of it, and only then it is forgotten. */
  async settle(entry, status, json) {
    this.entries = this.entries.filter((other) => other !== entry);
    if (status === 200) this.on.delivered(entry, json);
    else this.on.refused(entry, status, json);
    await store.remove(entry.storedAs);
  }

  pause() {
    const milliseconds = PAUSES[Math.min(this.failures++, PAUSES.length - 1)];
    return new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, milliseconds);
    });
  }

  /** It may work now: try at once, and what is just failing soon. */
  hurry() {
    this.failures = 0;
    this.wake();
  }

  /** Whether everything is delivered within so many milliseconds. */
  async empty(milliseconds) {
    this.hurry();
    await Promise.race([this.running, new Promise((resolve) => setTimeout(resolve, milliseconds))]);
    return this.entries.length === 0;
  }
}
