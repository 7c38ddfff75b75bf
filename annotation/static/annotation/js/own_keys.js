// The page of one's own keys: in its fields, the key that is pressed is what is written, as its cap has it.
import { letterOf } from "./letters.js";

const KEPT = ["Tab", "Enter", "Escape", "Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "Dead", "Process", "Unidentified"];

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[data-key]");
  if (!field || event.ctrlKey || event.metaKey || event.isComposing || KEPT.includes(event.key)) return;
  event.preventDefault();
  if (event.key === "Backspace" || event.key === "Delete") field.value = "";
  else field.value = capOf(letterOf(event, () => true), JSON.parse(field.form.dataset.caps));
});

// The same as the server's (`page/own_keys.py`): a capital is typed with Shift.
function capOf(press, caps) {
  const isCapital = [...press].length === 1 && press !== press.toLowerCase();
  return caps[press] ?? (isCapital ? `⇧${press}` : press);
}
