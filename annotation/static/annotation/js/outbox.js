// What is on its way: delivered in order and once, whatever fails.
import * as store from "./store.js";
import { Unreachable, post } from "./wire.js";

const PAUSES = [500, 1000, 2000, 4000, 8000, 15000];
const HUNG = 1000; // Milliseconds after which what has not been answered is rather begun anew than waited for.
const LOOK = 1000; // Milliseconds between two looks whether another page is still at it.

/** Do it while no other page of this browser does, `waiting()` until then; where a page cannot know that, at once. */
function alone(name, act, waiting) {
  if (!navigator.locks) return act();
  let isBegun = false;
  const looking = setInterval(waiting, LOOK);
  const begin = () => { clearInterval(looking); isBegun = true; return act(); };
  return navigator.locks.request(name, begin).catch(() => (isBegun ? undefined : begin()));
}

/**
 * `prefix` is the annotator's. `enrich(entry)` adds what is known only when it is sent. `on` is told:
 * delivered(entry, json), refused(entry, status, json), stuck(error, count), moving(count), sentElsewhere() when another page has sent all.
 */
export class Outbox {
  constructor({ prefix, enrich, on }) {
    Object.assign(this, { prefix, owner: prefix.split("/")[0], enrich, on, entries: [], failures: 0, told: 0, newest: 0, loading: null, running: null, attempt: null, wake: () => {} });
    window.addEventListener("online", () => this.hurry());
  }

  /** What an earlier page left behind. */
  load() {
    this.loading ??= this.find();
    this.loading.then(() => { if (this.entries.length) this.deliver(); });
    return this.loading;
  }

  async find() {
    const all = await store.all(this.prefix);
    // What was answered meanwhile is among it.
    const known = new Set(this.entries.map(({ storedAs }) => storedAs));
    const found = all.filter(([key]) => !known.has(key)).map(([key, entry]) => ({ ...entry, storedAs: key, isFound: true }));
    this.entries = [...found, ...this.entries];
    this.newest = Math.max(this.newest, ...found.map(({ storedAs }) => parseInt(storedAs.slice(this.prefix.length), 10)));
  }

  get count() { return this.entries.length; }
  /** Whether something of it would go with the page. */
  get isAtRisk() { return this.entries.some(({ storedAs }) => store.isAtRisk(storedAs)); }
  has(token) { return this.entries.some((entry) => entry.body.token === token); }

  push(entry) {
    // Sorts by time, so that the order of answering is the order of delivery; also where the clock was put back meanwhile.
    this.newest = Math.max(Date.now(), this.newest + 1);
    const storedAs = `${this.prefix}${String(this.newest).padStart(15, "0")}/${entry.body.key}`;
    this.entries.push({ ...entry, storedAs, kept: store.put(storedAs, entry) });
    this.deliver();
  }

  deliver() {
    this.running ??= alone(`castor/${this.prefix}`, () => this.work(), () => this.wait()).finally(() => { this.running = null; if (this.entries.length) this.deliver(); });
    return this.running;
  }

  /** Another page sends first, and cannot: it keeps the order. What waits here is said here as well, whenever it is more. */
  async wait() {
    await this.loading;
    if (!this.entries.length || this.entries.length === this.told) return;
    this.told = this.entries.length;
    this.failures ||= 1;
    this.tell(new Unreachable("another page is sending"));
  }

  /** Said to wait is what outlives the page. */
  async tell(error, entry = this.entries[0]) {
    await Promise.all(this.entries.map(({ kept }) => kept));
    if (this.entries.includes(entry)) this.on.stuck(error, this.entries.length);
  }

  async work() {
    this.told = 0;
    await (this.loading ??= this.find());
    await this.sort();
    if (!this.entries.length) {
      this.failures = 0;
      this.on.sentElsewhere();
    }
    while (this.entries.length) {
      const entry = this.entries[0];
      this.on.moving(this.entries.length);
      this.attempt = { abort: new AbortController(), since: performance.now() };
      try {
        const { signal } = this.attempt.abort;
        const { status, json } = await post(entry.url, { ...entry.body, ...this.enrich(entry) }, { keepalive: true, signal, as: this.owner });
        this.failures = 0;
        this.settle(entry, status, json);
      } catch (error) {
        this.tell(error, entry);
        await this.pause();
      }
    }
  }

  /** Another page may have sent what this one found. */
  async sort() {
    const found = this.entries.filter(({ isFound }) => isFound);
    const here = await Promise.all(found.map(({ storedAs }) => store.has(storedAs)));
    const sent = new Set(found.filter((entry, index) => !here[index]));
    this.entries = this.entries.filter((entry) => !sent.has(entry));
  }

  /** Taken, or refused for good: its person hears of it, and only then it is forgotten. */
  settle(entry, status, json) {
    this.entries = this.entries.filter((other) => other !== entry);
    if (status === 200) this.on.delivered(entry, json);
    else this.on.refused(entry, status, json);
    store.remove(entry.storedAs); // not waited for: sent once more it is the same
  }

  pause() {
    const milliseconds = PAUSES[Math.min(this.failures++, PAUSES.length - 1)];
    return new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, milliseconds);
    });
  }

  /** It may work now: try at once, what hangs too. */
  hurry() {
    this.failures = 0;
    if (this.attempt && performance.now() - this.attempt.since > HUNG) this.attempt.abort.abort();
    this.wake();
  }

  /** Whether everything is delivered within so many milliseconds. */
  async empty(milliseconds) {
    this.hurry();
    await Promise.race([this.running, new Promise((resolve) => setTimeout(resolve, milliseconds))]);
    return this.entries.length === 0;
  }
}
