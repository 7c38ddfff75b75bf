// Lets a person choose between the system's theme, light and dark; the server reads the cookie and writes the class on <html>.
const ORDER = ["system", "light", "dark"];
const YEAR = 365 * 24 * 3600;
const root = document.documentElement;

const current = () => ORDER.find((theme) => root.classList.contains(theme)) ?? "system";

function choose(theme) {
  root.classList.remove("light", "dark");
  if (theme !== "system") root.classList.add(theme);
  const age = theme === "system" ? 0 : YEAR;
  document.cookie = `castor_theme=${theme}; path=/; max-age=${age}; samesite=lax`;
}

for (const button of document.querySelectorAll("[data-theme-toggle]")) {
  // The words come from the page: data-system, data-light, data-dark.
  const tell = () => { button.textContent = button.dataset[current()]; };
  button.hidden = false;
  tell();
  button.addEventListener("click", () => {
    choose(ORDER[(ORDER.indexOf(current()) + 1) % ORDER.length]);
    tell();
  });
}
