// Writes <time data-relative datetime="…"> as "3 minutes ago" in the language of the page, <time data-local> as the clock there; the exact time stays in the title.
const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60]];
const language = document.documentElement.lang || undefined;
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const clock = { hour: "numeric", minute: "2-digit" };
const day = { weekday: "long", month: "long", day: "numeric" };
const exact = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });

export function ago(date, now = new Date()) {
  const seconds = (date - now) / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return relative.format(Math.trunc(seconds / size), unit);
}

/** The time of day where one is, with the day if that is not today, and the year if it is another. */
export function local(date, now = new Date()) {
  const isToday = date.toDateString() === now.toDateString();
  const year = date.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  return new Intl.DateTimeFormat(language, isToday ? clock : { ...day, ...year, ...clock }).format(date);
}

export function refresh(root = document) {
  for (const time of root.querySelectorAll("time:is([data-relative], [data-local])")) {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.valueOf())) continue;
    time.title = exact.format(date);
    time.textContent = "local" in time.dataset ? local(date) : ago(date);
  }
}

refresh();
setInterval(() => refresh(), 30_000);
