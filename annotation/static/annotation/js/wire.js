// Requests of the page: JSON there and back, with what can go wrong told apart.
let token = "";
let pulse = "";
let person = "";
let whenSignedOut = () => {};

/** `csrf` is the form token of the page, `pulse` the address that gives a fresh one, `annotator` whose page this is; `signedOut()` hears of it. */
export function prepare({ csrf, pulse: address = "", annotator = "", signedOut = () => {} }) {
  [token, pulse, person, whenSignedOut] = [csrf, address, annotator, signedOut];
}

export class SignedOut extends Error {}
export class Unreachable extends Error {}
/** Somebody else is signed in in this browser now. */
export class AnotherPerson extends Error {}
/** Something that is no door of ours answered: a proxy, a portal. It may work later. */
export class Foreign extends Unreachable {
  constructor(status) { super(`status ${status}`); this.status = status; }
}

const PATIENCE = 15_000; // Milliseconds until an answer is no longer waited for,
const SLOWEST = 20; // and bytes of the body for each one more.
// What outlives the page may be no larger (Fetch standard, 64 KiB for all of it together).
const OUTLIVES = 60_000;
const NAMES = "X-Annotator"; // whose page asks; our doors repeat it in their answers to that person

function isOver() {
  whenSignedOut();
  return new SignedOut();
}

async function send(url, body, { keepalive = false, patience = 0, signal = null, as = person, isQuiet = false } = {}) {
  const text = JSON.stringify(body);
  const { size } = new Blob([text]);
  const limit = AbortSignal.timeout(patience || PATIENCE + size / SLOWEST);
  let response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token, [NAMES]: as },
      body: text,
      redirect: "manual",
      signal: signal && AbortSignal.any ? AbortSignal.any([limit, signal]) : limit,
      keepalive: keepalive && size < OUTLIVES,
    });
  } catch (error) {
    throw new Unreachable(String(error));
  }
  // Whoever is not signed in is sent elsewhere; nothing else here redirects.
  if (response.type === "opaqueredirect") throw isQuiet ? new SignedOut() : isOver();
  return response;
}

/** Whether this page's person is still signed in; a fresh form token with it. Raises what `post` raises. */
export async function freshToken() {
  let response;
  try {
    response = await fetch(pulse, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
  } catch (error) {
    throw new Unreachable(String(error));
  }
  if (response.type === "opaqueredirect") throw isOver();
  const { csrf, annotator } = await response.json().catch(() => ({}));
  if (!response.ok || !csrf) throw new Foreign(response.status);
  if (annotator !== person) throw new AnotherPerson();
  token = csrf;
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
}

/** POST; gives { status, json }. `keepalive` outlives the page, `patience` is in milliseconds, `signal` gives up earlier; with `isQuiet` nobody is asked to sign in. Raises SignedOut, AnotherPerson, Unreachable. */
export async function post(url, body, options = {}) {
  let response = await send(url, body, options);
  if (response.status === 403 && pulse && !options.isQuiet) {
    // Signing in anew, in another tab, makes a new token.
    await freshToken();
    response = await send(url, body, options);
  }
  if (response.status >= 500 || response.status === 429) throw new Unreachable(`status ${response.status}`);
  const json = await response.json().catch((error) => {
    // Cut off in the middle; what is no JSON was sent by somebody else.
    if (!(error instanceof SyntaxError)) throw new Unreachable(String(error));
  });
  if (json && response.headers.get(NAMES) === (options.as ?? person)) return { status: response.status, json };
  if (response.status === 409) throw new AnotherPerson();
  throw new Foreign(response.status);
}
