// On every page but the labelling page, which does so itself: looks whether something that was answered here is not sent yet.
import { say } from "../../js/status.js";
import * as store from "./store.js";

const { csrf, ...words } = document.querySelector("script[data-waiting]").dataset;

/** Whose it is, and how many answers are among it. */
const owners = new Map();
for (const [key, { url }] of await store.all()) {
  const [owner, kind] = key.split("/");
  if (url) owners.set(owner, (owners.get(owner) ?? 0) + Number(kind === "outbox"));
}

const count = [...owners.values()].reduce((sum, one) => sum + one, 0);

if (owners.size) Promise.all([import("./wire.js"), import("./overdue.js")]).then(send, () => { if (count) say(words.waiting.replace("{count}", count), { kind: "bad" }); });

function send([{ prepare }, { sendAll }]) {
  prepare({ csrf });
  for (const [owner, answers] of owners) sendAll(owner, { words, hasAnswers: answers > 0 });
}
