// One transport for both videos: play, seek, step by frame, speed, loop, sound from one.
import { withEach } from "./sheets.js";

const ASLEEP = 1000; // Milliseconds without a new frame.
const DRIFT = 0.12; // Seconds that two videos may run apart before one is set right.

// Without a script each video has controls of its own.
withEach((sheet) => {
  const bar = sheet.querySelector("[data-transport]");
  const videos = [...sheet.querySelectorAll("[data-pane] video")];
  if (!bar || !videos.length) return;
  bar.hidden = false;
  for (const video of videos) video.controls = false;
  new Transport(bar, videos);
});

// What belongs to the prompt has controls of its own; keys play it where no transport takes them.
withEach((sheet) => {
  const one = sheet.querySelector(".prompt-media :is(audio, video)");
  if (one) sheet.addEventListener("prompt:play", ({ detail: by }) => {
    if (!by && one.paused) return void one.play().catch(() => {});
    one.pause();
    one.currentTime += by * (one.matches("video") ? 1 / framesPerSecond(one) : 1);
    return undefined;
  });
});

export class Transport {
  constructor(bar, media) {
    this.media = media;
    this.find = (name) => bar.querySelector(`[data-${name}]`);
    this.rate = Math.max(...media.map(framesPerSecond));
    this.seek = this.find("seek");
    this.find("play").addEventListener("click", () => this.toggle());
    for (const button of bar.querySelectorAll("[data-frame]")) button.addEventListener("click", () => this.step(Number(button.dataset.frame)));
    this.seek.addEventListener("input", () => { this.pause(); this.goTo((this.seek.value / 1000) * this.length); });
    this.find("speed").addEventListener("change", (event) => this.hurry(Number(event.target.value)));
    this.find("sound")?.addEventListener("change", (event) => this.hear(event.target.value));
    for (const one of media) {
      one.addEventListener("timeupdate", () => this.tick(one));
      one.addEventListener("loadedmetadata", () => this.join(one));
      one.addEventListener("ended", () => this.end());
      one.addEventListener("waiting", () => this.wake(one, one.currentTime));
      one.addEventListener("click", () => this.toggle());
    }
  }

  each(act) { this.media.forEach(act); }
  get loaded() { return this.media.filter((video) => video.readyState > 0); }
  get length() { return Math.max(0.001, ...this.loaded.map((video) => video.duration || 0)); }
  get time() { return Math.max(0, ...this.loaded.map((video) => video.currentTime)); }
  get isPlaying() { return this.loaded.some((video) => !video.paused && !video.ended); }

  toggle() { if (this.isPlaying) this.pause(); else this.play(); }

  play() {
    if (this.loaded.every((video) => video.ended)) this.goTo(0);
    for (const video of this.loaded) if (!video.ended) video.play().catch(() => {});
    this.label(true);
  }

  /** A decoder that fell asleep with everything at hand, as a busy machine's may, goes on after a seek. */
  wake(video, time) {
    setTimeout(() => {
      if (!video.paused && !video.seeking && video.readyState < 3 && video.currentTime === time) video.currentTime = time;
    }, ASLEEP);
  }

  pause() {
    this.each((video) => video.pause());
    this.label(false);
  }

  goTo(seconds) {
    for (const video of this.loaded) place(video, seconds);
    this.show();
  }

  /** One that is loaded later, as by a reveal, goes to where the others stand. */
  join(one) {
    const { time } = this;
    if (one.currentTime !== time) place(one, time);
    this.show();
  }

  /** The speed of all; a file that is loaded later, or anew, begins with its default. */
  hurry(speed) { this.each((one) => { one.defaultPlaybackRate = one.playbackRate = speed; }); }

  step(frames) {
    this.pause();
    // To the middle of a frame, so that rounding cannot show its neighbour.
    const frame = Math.floor(this.time * this.rate + 1e-3) + frames;
    this.goTo((Math.max(0, frame) + 0.5) / this.rate);
  }

  hear(side) {
    this.each((video) => { video.muted = video.closest("[data-pane]").dataset.pane !== side; });
  }

  end() {
    if (!this.loaded.every((video) => video.ended)) return;
    this.label(false);
    if (this.find("loop").checked) this.play();
  }

  tick(video) {
    const [first, ...others] = this.loaded;
    if (video === first && this.isPlaying) {
      for (const other of others) {
        if (!other.ended && !first.ended && Math.abs(other.currentTime - first.currentTime) > DRIFT) other.currentTime = first.currentTime;
      }
    }
    this.show();
  }

  show() {
    const time = this.time;
    this.seek.value = String(Math.round((time / this.length) * 1000));
    const clock = `${Math.floor(time / 60)}:${(time % 60).toFixed(1).padStart(4, "0")}`;
    this.find("time").textContent = clock;
    this.seek.setAttribute("aria-valuetext", clock);
  }

  label(playing) {
    const button = this.find("play");
    this.find("play-label").textContent = playing ? button.dataset.pauseWord : button.dataset.playWord;
  }
}

// A little short of the end: a browser at the very end shows nothing of the last frame.
function place(video, seconds) { video.currentTime = Math.min(Math.max(0, seconds), Math.max(0, video.duration - 0.001)); }

function framesPerSecond(video) {
  const [frames, seconds] = (video.closest("[data-frame-rate]")?.dataset.frameRate ?? "").split("/").map(Number);
  return frames > 0 && seconds > 0 ? frames / seconds : 25;
}
