// How much of every sound and film was played: shown, told to the server, and needed before answers are sent.
import { filled, urls, words } from "./page.js";
import { evidence, withEach } from "./sheets.js";
import { post } from "./wire.js";

const EVERY = 5000; // Milliseconds between reports; the last one goes with the answers.

withEach((sheet) => {
  const view = sheet.querySelector("[name=view]")?.value;
  if (view) evidence.set(sheet, new Playing(sheet, view));
});

class Playing {
  constructor(sheet, view) {
    Object.assign(this, { sheet, view, timer: null });
    this.notice = sheet.querySelector("[data-playing]");
    const before = JSON.parse(this.notice?.querySelector("script")?.textContent ?? "{}");
    this.shown = [...(this.notice?.querySelectorAll("[data-played-of]") ?? [])].map((output) => this.follow(output, before));
    if (this.notice) this.notice.querySelector("dl").hidden = false;
    this.show();
  }

  follow(output, before) {
    const digest = output.dataset.playedOf;
    const one = { digest, output, length: Number(output.dataset.length), ranges: before[digest] ?? [] };
    const media = this.sheet.querySelector(`[data-digest="${digest}"] :is(audio, video)`);
    for (const type of ["timeupdate", "pause", "ended"]) media?.addEventListener(type, () => this.take(one, media));
    return one;
  }

  take(one, { played }) {
    const now = Array.from({ length: played.length }, (_, at) => [played.start(at), played.end(at)].map((seconds) => Math.round(seconds * 1000)));
    one.ranges = merged([...one.ranges, ...now]);
    this.show();
    this.timer ??= setTimeout(() => this.report(), EVERY);
  }

  async report() {
    this.timer = null;
    if (!this.sheet.isConnected) return;
    // What does not arrive goes with the next report: each says all that was played.
    await post(urls.played, this.said()).catch(() => {});
  }

  share({ ranges, length }) { return Math.min(1, ranges.reduce((sum, [start, end]) => sum + end - start, 0) / length); }

  show() {
    for (const one of this.shown) {
      const percent = Math.floor(this.share(one) * 100);
      one.output.textContent = `${percent} %`;
      one.output.parentNode.querySelector("progress").value = percent;
    }
  }

  /** What is still to be played, in words; "" when nothing is. */
  lack() {
    const wanted = Number(this.notice?.dataset.share ?? 0);
    const short = this.shown.filter((one) => this.share(one) * 100 < wanted);
    const what = short.map(({ output }) => `${output.closest("div").querySelector("dt").textContent} ${output.textContent}`).join(", ");
    return short.length ? filled(words.play_first, { share: wanted, what }) : "";
  }

  /** What goes to the server: under which view, and all that was played. */
  said() { return { view: this.view, played: Object.fromEntries(this.shown.map(({ digest, ranges }) => [digest, ranges])) }; }
}

function merged(ranges) {
  const apart = [];
  for (const [start, end] of ranges.sort((a, b) => a[0] - b[0])) {
    const last = apart.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else apart.push([start, end]);
  }
  return apart;
}
