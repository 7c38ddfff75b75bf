// What earlier pages could not send goes out from this one; loaded only where there is something.
import { say } from "../../js/status.js";
import { Outbox } from "./outbox.js";
import * as store from "./store.js";
import * as wire from "./wire.js";

const OLD = 7 * 24 * 3600_000; // Milliseconds: what was never sent, and nobody went on with.
const PATIENCE = 3000;
const MENDABLE = [400, 413, 422];

/**
 * Drafts of leases that may be over, as [key, draft], go to the server, which keeps them for when the same is given again;
 * `again(draft)` hears of those that already were, with the token that they have now.
 */
export async function handOver(left, { as, again = () => {} } = {}) {
  for (const [key, { url, ...draft }] of left) {
    const answer = await wire.post(url, draft, { as, patience: PATIENCE, isQuiet: true }).catch(() => null);
    if (!answer || !isSettled(answer, draft)) continue;
    const [[, now] = []] = await store.all(key);
    if (now?.revision === draft.revision) await store.remove(key);
    if (answer.json.again) again(answer.json.again);
  }
}

/**
 * Whether a draft that was answered so is needed here no longer: it is kept, or of nothing that is still to be answered. The clock of
 * the computer, which may be wrong, decides only of what the door would not have at all.
 */
export const isSettled = ({ status, json }, { at }) => (status === 200 ? json.is_kept || !json.elsewhere : Date.now() - at > OLD);

/** Send all that `owner` has here, in order, and say in one line what became of it. */
export async function sendAll(owner, { words, hasAnswers }) {
  const found = { sent: 0, isLate: false, isAnothers: false, notice: null };
  if (hasAnswers) await deliver(owner, words, found);
  if (found.isAnothers) return;
  const left = (await store.all(`${owner}/draft/`)).filter(([, { url }]) => url);
  await handOver(left, { as: owner });
}

async function deliver(owner, words, found) {
  const outbox = new Outbox({
    prefix: `${owner}/outbox/`,
    enrich: () => ({ only: true }),
    on: {
      moving: () => {},
      delivered: (entry, { done }) => {
        found.sent += 1;
        found.isLate ||= done?.standing === "late";
      },
      refused: (entry, code, { message = String(code) }) => {
        say(words.gone.replace("{message}", message), { kind: "bad" });
        if (MENDABLE.includes(code) && entry.act === "submit") keepAgain(owner, entry);
      },
      stuck: (error, count) => {
        found.isAnothers = error instanceof wire.AnotherPerson;
        // It waits for its own person.
        if (found.isAnothers) outbox.entries = [];
        else found.notice ??= say(words.waiting.replace("{count}", count), { kind: "bad" });
      },
    },
  });
  await outbox.load();
  while (outbox.count) await outbox.deliver();
  found.notice?.remove();
  if (found.sent) say(words.sent.replace("{count}", found.sent), { kind: "good" });
  if (found.isLate) say(words.late, { kind: "warn" });
}

/** Answers that did not fit lie with their item again, when that is given to their person. */
function keepAgain(owner, { url, body: { token, key, answers, overrides } }) {
  const draft = { token, key, revision: 1, answers, reasons: overrides ?? {}, page: key, based_on: 0, heir_of: null, at: Date.now() };
  store.put(`${owner}/draft/${token}/${key}`, { ...draft, url: `${url}draft/` });
}
