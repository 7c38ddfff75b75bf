// The ruling form: one key an answer (1-9 on the first disputed question), Ctrl/⌘+Enter rules, n passes on.
const form = document.querySelector("[data-ruling]");

function isTyping(target) {
  return target.closest("textarea, input:not([type=radio]):not([type=checkbox]), select");
}

// Ruling "no category at all" is an answer too: say that the question was ruled once it is touched.
function markRuled(event) {
  const ruled = event.target.closest("fieldset")?.querySelector("[data-ruled]");
  if (ruled) ruled.disabled = false;
}

function onKey(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  } else if (!isTyping(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey) {
    if (event.key === "n") document.querySelector("a[href^='?after=']")?.click();
    const open = [...form.querySelectorAll("fieldset.disputed")];
    const next = open.find((set) => !set.querySelector("input:checked")) ?? open[0];
    next?.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
  }
}

if (form) {
  form.addEventListener("change", markRuled);
  document.addEventListener("keydown", onKey);
}
