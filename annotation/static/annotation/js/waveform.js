// Draws a sound from the peaks that the server made of it; a click in the drawing seeks there.
const drawings = new Set();
const tones = (canvas) => {
  // The resolved colours of the theme: a canvas cannot read light-dark() by itself.
  const { color, caretColor } = getComputedStyle(canvas);
  return { rest: color, played: caretColor };
};

/** Draw every sound of the sheet as soon as it may be asked for. */
export function prepare(sheet) {
  for (const canvas of sheet.querySelectorAll("canvas[data-peaks]")) new Drawing(canvas);
}

class Drawing {
  constructor(canvas) {
    Object.assign(this, { canvas, peaks: [], seconds: 0 });
    this.frame = canvas.closest("[data-media]");
    this.audio = this.frame.querySelector("audio");
    for (const type of ["timeupdate", "seeked", "play", "pause"]) this.audio.addEventListener(type, () => this.draw());
    canvas.addEventListener("click", (event) => this.seek(event));
    this.frame.addEventListener("veil:shown", () => this.fetch());
    this.frame.addEventListener("veil:covered", () => this.forget());
    new ResizeObserver(() => this.draw()).observe(canvas);
    drawings.add(new WeakRef(this));
    if (!this.frame.matches("[data-veil]")) this.fetch();
  }

  /** What is covered is not drawn either. */
  forget() {
    this.peaks = [];
    this.canvas.hidden = true;
  }

  async fetch() {
    if (this.peaks.length) return;
    try {
      const response = await fetch(this.canvas.dataset.peaks);
      if (!response.ok) return;
      const { duration_ms: duration, peaks } = await response.json();
      Object.assign(this, { peaks, seconds: duration / 1000 });
      this.canvas.hidden = false;
      this.draw();
    } catch { /* The sound can be heard without its drawing. */ }
  }

  seek(event) {
    const { left, width } = this.canvas.getBoundingClientRect();
    const at = (Math.min(Math.max(event.clientX - left, 0), width) / width) * this.seconds;
    const seek = new CustomEvent("waveform:seek", { bubbles: true, cancelable: true, detail: { at } });
    // Where no transport takes it, this sound plays alone.
    if (this.canvas.dispatchEvent(seek)) this.audio.currentTime = at;
  }

  draw() {
    const { canvas, peaks, audio } = this;
    const { width, height } = canvas.getBoundingClientRect();
    if (!peaks.length || !width) return;
    const scale = devicePixelRatio || 1;
    Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    const { rest, played } = tones(canvas);
    const [middle, step, now] = [height / 2, width / peaks.length, audio.currentTime / this.seconds];
    peaks.forEach(([low, high], index) => {
      pen.fillStyle = index / peaks.length < now ? played : rest;
      // Silence is a line, so that it can be told from no sound at all.
      const [top, bottom] = [middle - high * middle * 0.94, middle - low * middle * 0.94];
      pen.fillRect(index * step, Math.min(top, middle - 0.5), Math.max(step * 0.75, 0.75), Math.max(bottom - top, 1));
    });
    pen.fillStyle = played;
    pen.fillRect(Math.min(now * width, width - 2), 0, 2, height);
  }
}

function redraw() {
  for (const held of drawings) {
    const drawing = held.deref();
    if (drawing) drawing.draw();
    else drawings.delete(held);
  }
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["class"] });
