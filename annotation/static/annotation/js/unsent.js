// Sends what is still here when somebody signs out; loaded only then.
import { isSettled } from "./overdue.js";
import * as store from "./store.js";
import * as wire from "./wire.js";

const WAIT = 5000;
const BETWEEN = 300;

/** How much of one's own stays here only: nobody is to go unasked then. */
export async function send(form) {
  wire.prepare({ csrf: form.elements.csrfmiddlewaretoken.value });
  const until = performance.now() + WAIT;
  let left = await round();
  while (left && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, BETWEEN));
    left = await round();
  }
  return left;
}

/** Send each once; how many are left. What another person left here is not counted: it waits for its own. */
async function round() {
  let left = 0;
  const behind = new Map(); // whose next waits for one that could not be sent, and whether that is said
  for (const [key, kept] of await store.all()) {
    if (!kept.url) continue; // a second thought without its submit
    const [owner, kind] = key.split("/");
    const isAnswer = kind === "outbox";
    try {
      if (isAnswer && behind.has(owner)) left += behind.get(owner);
      else if (await (isAnswer ? isTaken : isKept)(kept, owner)) await store.remove(key);
      else left += 1;
    } catch (error) {
      const isOwn = Number(!(error instanceof wire.AnotherPerson));
      if (isAnswer) behind.set(owner, isOwn);
      left += isOwn;
    }
  }
  return left;
}

// What the server refuses stays: the labelling page says so when it is opened next.
const isTaken = async ({ url, body }, as) => (await wire.post(url, { ...body, only: true }, { as, patience: WAIT })).status === 200;

async function isKept({ url, ...draft }, as) {
  return isSettled(await wire.post(url, draft, { as, patience: WAIT }), draft);
}
