// Closes an open <details data-menu> on Escape, on a click elsewhere and when focus leaves it.
function close(menu, { refocus = false } = {}) {
  if (!menu.open) return;
  menu.open = false;
  if (refocus) menu.querySelector("summary").focus();
}

for (const menu of document.querySelectorAll("details[data-menu]")) {
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close(menu, { refocus: true });
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) close(menu);
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) close(menu);
  });
}
