// Sends what is still here when somebody signs out; loaded only then.
import { say } from "../../js/status.js";
import * as store from "./store.js";
import * as wire from "./wire.js";

const WAIT = 5000;
const BETWEEN = 300;
const OLD = 7 * 24 * 3600_000; // Milliseconds: a second thought that was never sent.
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
  for (const [key, kept] of await store.all()) {
    const [owner, kind] = key.split("/");
    try {
      if (await (kind === "outbox" ? isTaken : isKept)(kept, owner)) await store.remove(key);
      else left += 1;
    } catch (error) {
      if (!(error instanceof wire.AnotherPerson)) left += 1;
    }
  }
  return left;
}

// What the server refuses stays: the labelling page says so when it is opened next.
const isTaken = async ({ url, body }, as) => (await wire.post(url, body, { as })).status === 200;

async function isKept({ url, ...draft }, as) {
  if (!url) return Date.now() - draft.at > OLD;
  const { status, json } = await wire.post(url, draft, { as });
  return status === 200 && (json.is_kept || !json.is_held || !json.elsewhere);
}
