// The ruling form: the key on a chip picks it (of the first disputed question without an answer), Ctrl/⌘+Enter rules, → passes on.
const form = document.querySelector("[data-ruling]");

function isTyping(target) {
  return target.closest("textarea, input:not([type=radio]):not([type=checkbox]), select, video");
}

// Ruling "no category at all" is an answer too: say that the question was ruled once it is touched.
function markRuled(event) {
  const ruled = event.target.closest("[data-ballot]")?.querySelector("[data-ruled]");
  if (ruled) ruled.disabled = false;
}

// The ballot being worked on: the one with the focus, else the first that has no answer yet.
function current(target) {
  const keyed = [...form.querySelectorAll("[data-ballot]")].filter((one) => one.querySelector("[data-key]"));
  const inside = keyed.find((one) => one.contains(target));
  const open = keyed.find((one) => !one.querySelector("input:checked"));
  // Of many categories several may be picked: stay with the last touched until the next is open.
  return inside ?? open ?? keyed.at(-1);
}

function onKey(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "ArrowRight" && !event.target.matches("[type=radio]")) document.querySelector("[data-next]")?.click();
  const chip = current(event.target)?.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!chip) return;
  event.preventDefault();
  chip.focus();
  chip.click();
}

if (form) {
  form.addEventListener("change", markRuled);
  document.addEventListener("keydown", onKey);
}
