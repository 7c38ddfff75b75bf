// Which letter a key stands for, whatever Caps Lock and the layout of the keyboard make of it.
const isLetter = (sign) => /^\p{L}$/u.test(sign);
// A sign of another script: a letter, a vowel that stands above or below one, or what two make together.
const isForeign = (sign) => /^[\p{L}\p{M}]{1,3}$/u.test(sign) && !/\p{Script=Latin}/u.test(sign);

/** The letter without Caps Lock; where the layout has none of ours, and the page does not know its own (`isKnown`), what stands on that key elsewhere. */
export function letterOf(event, isKnown = () => false) {
  const { key, code, shiftKey } = event;
  if (!(isLetter(key) || isForeign(key)) || event.getModifierState("AltGraph")) return key;
  const cased = (letter) => (shiftKey ? letter.toUpperCase() : letter.toLowerCase());
  const meant = event.getModifierState("CapsLock") ? cased(key) : key;
  const place = /^Key([A-Z])$/.exec(code ?? "");
  return place && isForeign(key) && !isKnown(meant) ? cased(place[1]) : meant;
}
