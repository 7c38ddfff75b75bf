// Answers not yet submitted: in the browser at every change until the server has them, within seconds.
import * as store from "./store.js";
import { post } from "./wire.js";

const PAUSE = 1500;
const AGAIN = 10_000;

export class Drafts {
  /**
   * `prefix` is the annotator's, `page` names this page; without `url` drafts stay in the browser, named by `name(token)`.
   * `on` is told saved(), savedHere(), unsaved(), stuck(error), lost(token) and elsewhere(token, draft), what another page kept.
   */
  constructor({ prefix, page, url, name, on }) {
    Object.assign(this, { prefix, page, url, name, on, timer: null });
    this.waiting = new Map(); // token → what the server is to have
    this.newest = new Map(); // token → what this page kept last
    this.bases = new Map(); // token → the revision on the server that this page has seen
    this.legacies = new Map(); // token → the page that is gone whose draft this goes on with
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.flush(); });
    window.addEventListener("online", () => this.flush());
  }

  folder(token) { return `${this.prefix}${this.name(token)}/`; }

  keep(draft) {
    const { token } = draft;
    const from = { page: this.page, based_on: this.bases.get(token) ?? 0, heir_of: this.legacies.get(token) ?? null };
    const kept = { ...draft, ...from, url: this.url, at: Date.now() };
    this.newest.set(token, kept);
    this.isHere = store.put(this.folder(token) + this.page, kept);
    this.waiting.set(token, kept);
    this.later(PAUSE);
    if (!this.url) this.sayWhere();
  }

  later(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), pause);
  }

  async flush() {
    clearTimeout(this.timer);
    const drafts = this.url ? [...this.waiting.values()] : [];
    this.waiting.clear();
    await Promise.all(drafts.map((draft) => this.send(draft)));
  }

  /** Sent, or in the browser to stay: so long a way from the page waits. */
  async safe() {
    const sent = this.flush();
    if (!await Promise.race([sent.then(() => true), this.isHere])) await sent;
  }

  async send(draft) {
    try {
      const { status, json } = await post(this.url, draft, { keepalive: true });
      if (this.newest.has(draft.token)) this.heard(draft, status, json);
    } catch (error) {
      if (!this.newest.has(draft.token)) return;
      this.on.stuck(error);
      if (!this.waiting.has(draft.token)) { this.waiting.set(draft.token, draft); this.later(AGAIN); }
      await this.sayWhere();
    }
  }

  heard({ token, revision }, status, { is_kept: isKept, is_held: isHeld, elsewhere }) {
    if (status === 200 && isKept) {
      this.bases.set(token, revision);
      if (this.newest.get(token).revision === revision) store.remove(this.folder(token) + this.page);
      this.on.saved();
    } else if (status !== 200 || !isHeld || elsewhere) this.sayWhere();
    if (elsewhere) this.on.elsewhere(token, elsewhere);
    if (status === 200 && !isHeld) this.on.lost(token);
  }

  async sayWhere() {
    if (await this.isHere) this.on.savedHere();
    else this.on.unsaved();
  }

  /** What is kept here of this and no server has, by pages that are gone or by this one: the newest. */
  async find(token) {
    const found = (await store.all(this.folder(token))).map(([, draft]) => draft);
    return found.sort((one, other) => other.at - one.at)[0] ?? this.newest.get(token);
  }

  /** [key, draft] of what pages that are gone kept here of anything but `tokens`. */
  async left(tokens) {
    return (await store.all(this.prefix)).filter(([, { url, page, token }]) => url && page !== this.page && !tokens.includes(token));
  }

  /** Nothing of it is needed any more; with `others`, what other pages kept. */
  async drop(token, { others = false } = {}) {
    if (!others) { this.newest.delete(token); this.waiting.delete(token); }
    const own = this.folder(token) + this.page;
    for (const [key] of await store.all(this.folder(token))) if (!others || key !== own) await store.remove(key);
  }
}
