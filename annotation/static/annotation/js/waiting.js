// On every page but the labelling page, which does so itself: looks whether something that was answered here is not sent yet.
import * as store from "./store.js";

const { csrf, ...words } = document.querySelector("script[data-waiting]").dataset;

/** Whose it is, and whether there are answers among it. */
const owners = new Map();
for (const [key, { url }] of await store.all()) {
  const [owner, kind] = key.split("/");
  if (url) owners.set(owner, owners.get(owner) || kind === "outbox");
}

if (owners.size) {
  const [{ prepare }, { sendAll }] = await Promise.all([import("./wire.js"), import("./overdue.js")]);
  prepare({ csrf });
  for (const [owner, hasAnswers] of owners) sendAll(owner, { words, hasAnswers });
}
