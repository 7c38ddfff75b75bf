// Requests of the page: JSON there and back, with what can go wrong told apart.
let token = "";
let pulse = "";

/** `csrf` is the form token of the page, `pulse` the address that gives a fresh one. */
export function prepare({ csrf, pulse: address }) {
  token = csrf;
  pulse = address;
}

export class SignedOut extends Error {}
export class Unreachable extends Error {}

// What outlives the page may be no larger (Fetch standard, 64 KiB for all of it together).
const OUTLIVES = 60_000;

async function send(url, body, { keepalive = false, patience = 0 } = {}) {
  const text = JSON.stringify(body);
  let response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
      body: text,
      redirect: "manual",
      signal: patience ? AbortSignal.timeout(patience) : undefined,
      keepalive: keepalive && new Blob([text]).size < OUTLIVES,
    });
  } catch (error) {
    throw new Unreachable(String(error));
  }
  // Whoever is not signed in is sent elsewhere; nothing else here redirects.
  if (response.type === "opaqueredirect") throw new SignedOut();
  return response;
}

async function freshToken() {
  let response;
  try {
    response = await fetch(pulse, { redirect: "manual" });
  } catch (error) {
    throw new Unreachable(String(error));
  }
  if (response.type === "opaqueredirect") throw new SignedOut();
  if (!response.ok) throw new Unreachable(`pulse ${response.status}`);
  token = (await response.json()).csrf;
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
}

/** POST; gives { status, json }. `keepalive` outlives the page; `patience` are the milliseconds that an answer may take. Raises SignedOut, and Unreachable for what may work later. */
export async function post(url, body, options = {}) {
  let response = await send(url, body, options);
  if (response.status === 403) {
    // Signing in anew, in another tab, makes a new token.
    await freshToken();
    response = await send(url, body, options);
  }
  if (response.status >= 500 || response.status === 429) throw new Unreachable(`status ${response.status}`);
  const json = await response.json().catch(() => ({}));
  return { status: response.status, json };
}
