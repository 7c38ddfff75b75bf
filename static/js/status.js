// Says one line to everyone, screen readers too, in the live region #status; an undo button may go with it.
const SECONDS_SHOWN = 8;
const KINDS = ["info", "good", "warn", "bad"];

/** Show `text` as a notice; `kind` is one of info, good, warn, bad; `undo` is { label, act }. Bad news stays until dismissed. */
export function say(text, { kind = "info", undo = null } = {}) {
  const region = document.getElementById("status");
  const notice = document.createElement("div");
  notice.className = `notice ${KINDS.includes(kind) ? kind : "info"}`;
  const line = document.createElement("p");
  line.textContent = text;
  notice.append(line);
  if (undo) notice.append(button(undo.label, () => { notice.remove(); undo.act(); }));
  if (kind === "bad") notice.append(button(region.dataset.dismiss, () => notice.remove()));
  else setTimeout(() => notice.remove(), SECONDS_SHOWN * 1000);
  region.append(notice);
  return notice;
}

function button(label, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "button small";
  element.textContent = label;
  element.addEventListener("click", act);
  return element;
}
