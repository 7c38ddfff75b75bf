// On the page that stands in for one that could not be had: looks for Castor, and asks for that page again.
const EVERY = 3000;

async function look() {
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
  if (answer?.ok) location.reload();
}

window.addEventListener("online", look);
setInterval(look, EVERY);
