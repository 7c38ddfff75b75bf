// Two sounds under one transport: one is heard at a time, and the other takes over at the same instant.
import { withEach } from "./sheets.js";
import { Transport } from "./transport.js";
import { prepare as prepareWaveforms } from "./waveform.js";

withEach((sheet) => {
  prepareWaveforms(sheet);
  const bar = sheet.querySelector("[data-sounds]");
  const sounds = [...sheet.querySelectorAll("[data-pane] audio")];
  if (!bar || !sounds.length) return;
  bar.hidden = false;
  for (const sound of sounds) sound.controls = false;
  new Sounds(bar, sounds);
});

class Sounds extends Transport {
  constructor(bar, sounds) {
    super(bar, sounds);
    this.buttons = [...bar.querySelectorAll("[data-hear]")];
    for (const button of this.buttons) button.addEventListener("click", () => this.hear(button.dataset.hear));
    bar.querySelector("[data-other]")?.addEventListener("click", () => this.hear(this.side === "a" ? "b" : "a"));
    const sheet = bar.closest("[data-sheet]");
    sheet.addEventListener("waveform:seek", (event) => this.sought(event));
    for (const sound of sounds) sound.closest("[data-veil]")?.addEventListener("veil:shown", () => { if (!this.isPlaying) this.hear(sideOf(sound)); });
    this.hear("a");
  }

  get side() { return sideOf(this.heard); }
  get time() { return this.heard?.currentTime ?? 0; }
  get isPlaying() { return Boolean(this.heard) && !this.heard.paused && !this.heard.ended; }

  play() {
    if (!this.heard.currentSrc) return;
    if (this.heard.ended) this.goTo(0);
    this.heard.play().catch(() => {});
    this.label(true);
  }

  /** One second; the keys that step a film by its frames. */
  step(seconds) { this.goTo(this.time + seconds); }

  /** Hear that side from now on, from the same instant. */
  hear(side) {
    const next = this.media.find((sound) => sideOf(sound) === side);
    if (!next) return;
    const [wasPlaying, at] = [this.isPlaying, this.time];
    this.heard?.pause();
    this.heard = next;
    // Before it is loaded, this is where it will begin.
    next.currentTime = Math.min(at, next.duration || at);
    for (const button of this.buttons ?? []) button.setAttribute("aria-pressed", String(button.dataset.hear === side));
    for (const sound of this.media) sound.closest("[data-media]").classList.toggle("heard", sound === next);
    if (wasPlaying) this.play();
    this.show();
  }

  sought(event) {
    const sound = event.target.closest("[data-media]").querySelector("audio");
    if (!this.media.includes(sound)) return;
    event.preventDefault();
    if (sound !== this.heard) this.hear(sideOf(sound));
    this.goTo(event.detail.at);
  }

  end() {
    this.label(false);
    if (this.find("loop").checked) this.play();
  }

  tick() { this.show(); }
}

const sideOf = (sound) => sound?.closest("[data-pane]").dataset.pane;
