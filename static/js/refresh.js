// Fetches a part of the page again while it says that work goes on (a [data-running] inside it).
const EVERY = 1500;

async function refresh(part) {
  const answer = await fetch(part.dataset.refresh, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  part.replaceChildren(...parsed.body.childNodes);
}

for (const part of document.querySelectorAll("[data-refresh]")) {
  const timer = setInterval(async () => {
    if (!part.querySelector("[data-running]")) return clearInterval(timer);
    if (document.visibilityState === "visible") await refresh(part);
  }, EVERY);
}
