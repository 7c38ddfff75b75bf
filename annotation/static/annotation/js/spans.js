// Spans of a film: where a fault begins and ends, set at the playhead while the film plays or stands still.
import { Given } from "./given.js";
import { withEach } from "./sheets.js";

const FIRST_LENGTH = 1000; // Milliseconds that a span has until its end is set.
const SVG = "http://www.w3.org/2000/svg";

// Each field of spans gets its film.
withEach((sheet) => {
  for (const field of sheet.querySelectorAll('[data-kind="spans"]')) {
    const film = sheet.querySelector(`[data-pane="${field.dataset.side}"] :is(video, audio)`);
    if (film) new Spans(field, film);
  }
});

class Spans {
  constructor(field, film) {
    this.film = film;
    this.field = field;
    this.box = field.querySelector("[data-draw]");
    const [frames, seconds] = (film.closest("[data-frame-rate]")?.dataset.frameRate ?? "").split("/").map(Number);
    this.frame = frames > 0 && seconds > 0 ? (1000 * seconds) / frames : 40;
    this.given = new Given(field, {
      words: ({ from, to }) => this.box.dataset.span.replace("{from}", clock(from)).replace("{to}", clock(to)),
      draw: () => this.draw(),
      press: (event, part) => this.press(event, part),
      row: (line, part) => this.kindOf(line, part),
    });
    this.given.find("begin").addEventListener("click", () => this.begin());
    this.given.find("end").addEventListener("click", () => this.end());
    for (const type of ["timeupdate", "seeked", "loadedmetadata"]) film.addEventListener(type, () => this.draw());
    const veil = film.closest("[data-veil]");
    for (const type of ["veil:shown", "veil:covered"]) veil?.addEventListener(type, () => this.draw());
  }

  get isOpen() {
    const veil = this.film.closest("[data-veil]");
    return !veil || "shownAt" in veil.dataset;
  }
  get length() { return Math.floor((this.film.duration || 0) * 1000); }
  get now() { return Math.min(Math.round(this.film.currentTime * 1000), this.length); }

  begin() {
    const from = Math.min(this.now, Math.max(0, this.length - Math.round(this.frame)));
    const to = Math.min(from + FIRST_LENGTH, this.length);
    const kind = this.given.parts.at(-1)?.kind ?? this.given.find("row").content.querySelector("option").value;
    this.given.add({ from, to, kind, note: "" }, { focus: false });
  }

  /** The newest ends here. */
  end() {
    const part = this.given.parts.at(-1);
    if (!part) return;
    if (this.now <= part.from) this.given.tell(this.box.dataset.backwards);
    else this.given.change(part, { to: this.now });
  }

  press(event, part) {
    if (event.key === "Enter") { this.film.currentTime = part.from / 1000; return true; }
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return false;
    const name = event.shiftKey ? "to" : "from";
    const moved = { ...part, [name]: Math.min(Math.max(0, Math.round(part[name] + way * this.frame)), this.length) };
    if (moved.from < moved.to) {
      this.given.change(part, moved);
      this.film.currentTime = moved[name] / 1000;
    }
    return true;
  }

  kindOf(line, part) {
    const select = line.querySelector("[data-kind-of]");
    select.value = part.kind;
    select.addEventListener("change", () => { part.kind = select.value; });
    line.querySelector("button").addEventListener("click", (event) => { if (event.detail > 0) this.film.currentTime = part.from / 1000; });
  }

  draw() {
    for (const name of ["begin", "end"]) {
      const button = this.box.querySelector(`[data-${name}]`);
      button.disabled = !this.isOpen || !this.length || (name === "end" && !this.field.drawn?.length);
    }
    const bar = ({ from, to }, name) => strip(from / this.length, (to - from) / this.length, name);
    const now = { from: this.now, to: this.now + this.length / 200 };
    const parts = this.length ? [...(this.field.drawn ?? []).map((part) => bar(part, "span")), bar(now, "now")] : [];
    this.box.querySelector("[data-strip]").replaceChildren(...parts);
  }
}

function strip(from, share, name) {
  const made = document.createElementNS(SVG, "rect");
  const values = { x: `${from * 100}%`, width: `${share * 100}%`, height: "100%", class: name };
  for (const [key, value] of Object.entries(values)) made.setAttribute(key, value);
  return made;
}

const clock = (milliseconds) => (milliseconds / 1000).toFixed(2);
