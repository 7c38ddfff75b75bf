// From question to question by key: where its person is among those of a sheet, and what of each takes the focus.
export const isBefore = (one, other) => Boolean(one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
const sideOf = (element) => element.closest("[data-pane]")?.dataset.pane;

export class Walk {
  /** `sheet()` is the one shown. `at` is the question that had the focus or was answered last, or the side that was turned to after it; `entered` what has the focus by a key of ours. */
  constructor(sheet) {
    Object.assign(this, { sheet, at: null, entered: null });
  }

  /** The question that has the focus. */
  get inside() {
    const question = document.activeElement?.closest("[data-question]");
    return question && this.sheet()?.contains(question) ? question : null;
  }
  get isInside() { return this.inside !== null; }
  get question() { return this.inside ?? this.at?.closest("[data-question]") ?? null; }

  /** The focus came into a question by whatever way. */
  enteredBy(question) { Object.assign(this, { at: question, entered: null }); }

  /** Take the focus into a question: to a part of it. */
  enter(question, part = entrance(question)) {
    part.focus({ preventScroll: true });
    Object.assign(this, { at: question, entered: part });
  }

  /** To the next question that is asked (1), or the one before (-1); from the last on to the first. */
  go(by) {
    const fields = [...this.sheet().querySelectorAll("[data-question]:not([hidden])")].filter(entrance);
    const on = () => fields.find((field) => isBefore(this.at, field)) ?? fields[0];
    const back = () => fields.findLast((field) => isBefore(field, this.inside ?? this.at)) ?? fields.at(-1);
    const next = this.at ? (by > 0 ? on() : back()) : fields.at(by > 0 ? 0 : -1);
    if (!next) return null;
    this.enter(next);
    return next;
  }

  /** The text to write in: the nearest from the question on, at its side; else the first of `side`, else any. */
  textFor(side) {
    const texts = [...this.sheet().querySelectorAll("[data-words]:enabled")];
    const at = this.inside ?? this.at;
    const near = at && texts.find((text) => isBefore(at, text) && sideOf(text) === sideOf(at));
    return near ?? texts.find((text) => sideOf(text) === side) ?? texts[0];
  }
}

// What is picked already, or else the first that can be. A text is not entered: who only passes by would write in it.
function entrance(field) {
  if (field.querySelector("[data-words]")) {
    field.tabIndex = -1;
    return field;
  }
  const parts = [...field.querySelectorAll("input, button:not(.hint)")].filter((part) => part.matches(":enabled") && part.checkVisibility());
  return parts.find((part) => part.checked) ?? parts[0];
}
