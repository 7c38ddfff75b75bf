// Whoever leaves the page gives its items to others soon; a page that still shows them, here or in another tab, keeps them.
import { watch } from "./gone.js";
import { data, urls } from "./page.js";
import * as wire from "./wire.js";

const SOON = 2000; // Milliseconds: after what a page that was left has said on its way out.
export const MOST = 3; // The most that a page may speak of at once.
const NAME = `castor/${data.annotator}/${data.campaign}/held`;

/** The tokens of what is its person's to keep: what lies here, or else, while an answer is given anew, what was left for that in this tab. */
export function held(desk) {
  if (!data.revises) return desk.tokens;
  if (data.is_trial) return [];
  try {
    return JSON.parse(sessionStorage.getItem(NAME)) ?? [];
  } catch {
    return []; // the browser keeps nothing
  }
}

function remember(tokens) {
  try {
    sessionStorage.setItem(NAME, JSON.stringify(tokens));
  } catch {
    // Then it waits as long as any page that was left.
  }
}

export function mindLeaving(desk) {
  const others = new BroadcastChannel(`castor/${data.annotator}`);
  const tell = (url, options) => {
    const tokens = held(desk).slice(0, MOST);
    if (tokens.length) wire.post(url, { tokens }, options).catch(() => {});
  };
  const keep = () => setTimeout(() => tell(urls.extend), SOON);
  others.addEventListener("message", keep);
  window.addEventListener("pagehide", () => {
    if (!data.revises) remember(desk.tokens);
    if (desk.isPausing) return; // a break keeps the item
    tell(urls.leave, { keepalive: true });
    others.postMessage("left");
  });
  keep(); // A reload leaves the page as well.
}

/** Somebody is signing out in this browser. */
export function mindSigningOut(desk, sending) {
  new BroadcastChannel("castor/leaving").addEventListener("message", () => watch(desk, sending));
}
