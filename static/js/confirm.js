// Asks in <dialog id="ID"> before a form[data-confirm="ID"] is sent, or by a button[data-confirm="ID"]; the dialog's
// button with value "yes" sends it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const dialog = document.getElementById(event.submitter?.dataset.confirm ?? form.dataset.confirm ?? "");
  if (!dialog || form.dataset.confirmed) return;
  event.preventDefault();
  const button = event.submitter;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "yes") return;
    form.dataset.confirmed = "yes";
    form.requestSubmit(button);
    delete form.dataset.confirmed;
  }, { once: true });
  dialog.showModal();
});
