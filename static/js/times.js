// Writes <time data-relative datetime="…"> as "3 minutes ago" in the language of the page; the exact time stays in the title.
const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60]];
const language = document.documentElement.lang || undefined;
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const exact = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });

export function ago(date, now = new Date()) {
  const seconds = (date - now) / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return relative.format(Math.trunc(seconds / size), unit);
}

export function refresh(root = document) {
  for (const time of root.querySelectorAll("time[data-relative]")) {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.valueOf())) continue;
    time.title = exact.format(date);
    time.textContent = ago(date);
  }
}

refresh();
setInterval(() => refresh(), 30_000);
