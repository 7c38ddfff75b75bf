// The page's own parts: its data, its form, its words, its line of status.
export const data = JSON.parse(document.getElementById("labelling-data").textContent);
export const { words, urls, sides } = data;

export const page = document.getElementById("labelling");
export const form = page.querySelector("[data-answers]");
export const stage = page.querySelector("[data-stage]");
export const one = (name) => page.querySelector(`[data-${name}]`);

/** A question in words, with its side where there are two. */
export const named = ([question, side]) => (side && sides.length > 1 ? `${side.toUpperCase()}: ${question.wording}` : question.wording);

/** `text` with {names} filled in. */
export const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

export const status = (text) => { one("saved").textContent = text; };
const clock = () => new Date().toLocaleTimeString(document.documentElement.lang || undefined);
export const saved = () => status(filled(words.saved, { time: clock() }));
export const savedHere = () => status(filled(words.saved_here, { time: clock() }));

/** The address where the annotation of that number is answered anew. */
export const reviseAt = (number) => urls.revise.replace(/0\/$/, `${number}/`);

/** A random UUID; crypto.randomUUID is missing where the page is not served over HTTPS. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
