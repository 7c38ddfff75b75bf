// When this page's person goes: signs out in another tab, or takes part no longer.
import { coverAll } from "../../js/veil.js";
import { page, urls, words } from "./page.js";
import { vacate } from "./vacancy.js";
import * as wire from "./wire.js";

const LOOKS = [400, 800, 1600, 3200, 6400]; // Milliseconds until one looks, again and again.

/** Send what there is, and once its person is signed out show nothing. */
export async function watch(desk, sending) {
  desk.drafts.flush();
  sending.outbox.hurry();
  for (const pause of LOOKS) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (sending.isGone) return undefined;
    const error = await wire.freshToken().then(() => null, (failure) => failure);
    if (error instanceof wire.SignedOut || error instanceof wire.AnotherPerson) return empty(desk, sending);
  }
  return undefined;
}

function empty(desk, sending) {
  sending.isGone = true;
  coverAll();
  desk.clear();
  document.querySelector("dialog[open]:not([data-signing-in])")?.close();
}

/** Its person takes part no longer: what is still here goes from the screen. */
export function leave(sending) {
  sending.isOver = true;
  coverAll();
  sending.desk.clear();
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  page.dataset.over = "";
  vacate([words.outside], { label: words.to_start, href: urls.home });
}
