// Whoever leaves the page gives its items to others soon; a page that still shows them, here or in another tab, keeps them.
import { data, urls } from "./page.js";
import * as wire from "./wire.js";

const SOON = 2000; // Milliseconds: after what a page that was left has said on its way out.

export function mindLeaving(desk) {
  if (data.revises) return;
  const others = new BroadcastChannel(`castor/${data.annotator}`);
  const tell = (url, options) => { if (desk.tokens.length) wire.post(url, { tokens: desk.tokens }, options).catch(() => {}); };
  const keep = () => setTimeout(() => tell(urls.extend), SOON);
  others.addEventListener("message", keep);
  window.addEventListener("pagehide", () => { tell(urls.leave, { keepalive: true }); others.postMessage("left"); });
  keep(); // A reload leaves the page as well.
}

/** Somebody is signing out in this browser. */
export function mindSigningOut(desk, sending) {
  new BroadcastChannel("castor/leaving").addEventListener("message", async () => (await import("./gone.js")).watch(desk, sending));
}
