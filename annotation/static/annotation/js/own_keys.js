// The page of one's own keys: in its fields, the key that is pressed is what is written.
const KEPT = ["Tab", "Enter", "Escape", "Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "Dead", "Process", "Unidentified"];

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[data-key]");
  if (!field || event.ctrlKey || event.metaKey || event.isComposing || KEPT.includes(event.key)) return;
  event.preventDefault();
  if (event.key === "Backspace" || event.key === "Delete") field.value = "";
  else field.value = event.key === " " ? "Space" : event.key;
});
