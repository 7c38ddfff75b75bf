// Answers not yet submitted: in the browser at every change, on the server within seconds.
import * as store from "./store.js";
import { post } from "./wire.js";

const PAUSE = 1500;

export class Drafts {
  /** `prefix` is the annotator's; `on` is told saved(), savedHere() and lost(token). */
  constructor({ prefix, url, on }) {
    Object.assign(this, { prefix, url, on, timer: null, waiting: null });
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.flush(); });
  }

  keep(draft) {
    store.put(this.prefix + draft.token, draft);
    this.waiting = draft;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), PAUSE);
  }

  async flush() {
    const draft = this.waiting;
    clearTimeout(this.timer);
    if (!draft || !this.url) return;
    this.waiting = null;
    try {
      const { token, revision, answers } = draft;
      const { status, json } = await post(this.url, { token, revision, answers }, { keepalive: true });
      if (status === 200 && json.is_held) this.on.saved();
      else this.on.savedHere();
      if (status === 200 && !json.is_held) this.on.lost(token);
    } catch {
      this.on.savedHere();
    }
  }

  find(token) { return store.get(this.prefix + token); }

  drop(token) {
    if (this.waiting?.token === token) { clearTimeout(this.timer); this.waiting = null; }
    return store.remove(this.prefix + token);
  }
}
