// Sends what is still here when somebody signs out; loaded only then.
import { say } from "../../js/status.js";
import { OLD, isSettled } from "./overdue.js";
import * as store from "./store.js";
import * as wire from "./wire.js";

const WAIT = 5000;
const BETWEEN = 300;
const { unsent, anyway } = document.querySelector("[data-sign-out]").dataset;

/** Whether one may go: nothing of one's own is here only. If not, it is said, with a button to go all the same. */
export async function sentOff(form) {
  wire.prepare({ csrf: form.elements.csrfmiddlewaretoken.value });
  const until = performance.now() + WAIT;
  let left = await round();
  while (left && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, BETWEEN));
    left = await round();
  }
  if (left) say(unsent.replace("{count}", left), { kind: "bad", undo: { label: anyway, act: () => form.submit() } });
  return left === 0;
}

/** Send each once; how many are left. What another person left here is not counted: it waits for its own. */
async function round() {
  let left = 0;
  const behind = new Map(); // whose next waits for one that could not be sent, and whether that is said
  for (const [key, kept] of await store.all()) {
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
  if (Date.now() - draft.at > OLD) return true;
  if (!url) return false;
  const { status, json } = await wire.post(url, draft, { as, patience: WAIT });
  return status === 200 && isSettled(json);
}
