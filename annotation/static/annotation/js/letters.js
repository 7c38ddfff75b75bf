// Which letter a key stands for, whatever Caps Lock and the layout of the keyboard make of it.
const isLetter = (sign) => /^\p{L}$/u.test(sign);

/** The letter without Caps Lock; where the layout has none of ours, and the page does not know its own (`isKnown`), what stands on that key elsewhere. */
export function letterOf(event, isKnown = () => false) {
  const { key, code, shiftKey } = event;
  if (!isLetter(key) || event.getModifierState("AltGraph")) return key;
  const cased = (letter) => (shiftKey ? letter.toUpperCase() : letter.toLowerCase());
  const meant = event.getModifierState("CapsLock") ? cased(key) : key;
  const place = /^Key([A-Z])$/.exec(code ?? "");
  return !place || /\p{Script=Latin}/u.test(key) || isKnown(meant) ? meant : cased(place[1]);
}
