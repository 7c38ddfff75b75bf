// A form of things to tick ([data-choosing]): how many are chosen, choose all, and no deciding about none.
for (const form of document.querySelectorAll("[data-choosing]")) {
  const boxes = [...form.querySelectorAll("input[type=checkbox][name=item]")];
  const all = form.querySelector("[data-choose-all]");

  const tell = () => {
    const number = boxes.filter((box) => box.checked).length;
    for (const place of document.querySelectorAll("[data-chosen-number]")) place.textContent = number;
    for (const place of form.querySelectorAll("[data-chosen]")) place.hidden = number === 0;
    for (const button of form.querySelectorAll("[data-needs-chosen]")) button.disabled = number === 0;
    if (all) all.hidden = number === boxes.length;
  };

  form.addEventListener("change", tell);
  all?.addEventListener("click", () => {
    for (const box of boxes) box.checked = true;
    tell();
    boxes[0]?.focus();
  });
  // The browser may have kept ticks from before.
  window.addEventListener("pageshow", tell);
  tell();
}
