// On the page that stands in for one that could not be had: looks for Castor, and asks for that page again.
const EVERY = 3000;
const PATIENCE = 10_000; // Milliseconds until a look that hangs gives way to the next.
let isLooking = false;

async function look() {
  if (isLooking) return;
  isLooking = true;
  const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) }).catch(() => null);
  isLooking = false;
  if (answer?.ok) location.reload();
}

window.addEventListener("online", look);
setInterval(look, EVERY);
