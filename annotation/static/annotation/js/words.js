// Answers in words: a text of one's own, or a response's text corrected. "No change needed" and a change exclude each other.
const isEdit = (field) => field.dataset.kind === "edit";
const textOf = (field) => field.querySelector("[data-words]");
const originalOf = (field) => field.querySelector("[data-original]").value;
const tickOf = (field) => field.querySelector("[data-unchanged]");

/** Fill in the texts that are to be corrected, and keep tick and text in step. */
export function prepare(sheet) {
  for (const field of sheet.querySelectorAll('[data-kind="edit"]')) {
    const [text, tick] = [textOf(field), tickOf(field)];
    if (!text.value) text.value = originalOf(field);
    // A tick by mistake takes nothing away: without it, what was typed is there again.
    field.typed = text.value;
    text.addEventListener("input", () => { field.typed = text.value; tick.checked = false; });
    tick.addEventListener("change", () => { text.value = tick.checked ? originalOf(field) : field.typed; });
    // What is covered is here only while it is in sight; what was written of it is its person's, and stays.
    const take = (original) => {
      const before = originalOf(field);
      field.querySelector("[data-original]").value = original;
      if (!field.typed || field.typed === before) field.typed = originalOf(field);
      if (!text.value || text.value === before) text.value = originalOf(field);
    };
    const here = ({ target }) => target.dataset.covered === field.dataset.side;
    sheet.addEventListener("veil:shown", (event) => { if (here(event)) take(event.detail.given[`original_${field.dataset.side}`] ?? ""); });
    sheet.addEventListener("veil:covered", (event) => { if (here(event)) take(""); });
  }
}

/** What a field says, null while that is nothing: an untouched text is no answer. */
export function valueOf(field) {
  if (field.disabled) return null;
  const text = textOf(field).value;
  if (!isEdit(field)) return text.trim() ? text : null;
  if (tickOf(field).checked) return { unchanged: true };
  return text.trim() && text.trim() !== originalOf(field).trim() ? { text, unchanged: false } : null;
}

/** Put an answer into its field; none empties it, or puts back what was to be corrected. */
export function fill(field, value) {
  textOf(field).value = isEdit(field) ? value?.text ?? originalOf(field) : value ?? "";
  if (isEdit(field)) {
    field.typed = textOf(field).value;
    tickOf(field).checked = value?.unchanged === true;
  }
  // What was written already is not to be overlooked in a fold.
  const fold = field.querySelector("details");
  if (fold) fold.open = Boolean(value);
}
