// The service worker of /label/: where Castor cannot be reached, it shows a page that says so.
const PAGE = "{% url 'label:unreachable' %}";
const FILES = [{% for file in files %}"{{ file }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const KEPT = "castor-unreachable-{{ language }}"; // each language has a worker of its own
const AWAY = [502, 503, 504]; // what a proxy says while nothing is behind it

const kept = async (address) => (await caches.open(KEPT)).match(address, { ignoreVary: true });

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(KEPT).then((files) => files.addAll([PAGE, ...FILES])));
});
self.addEventListener("activate", (event) => event.waitUntil(begin()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") event.respondWith(reached(request));
  else if (FILES.includes(new URL(request.url).pathname)) event.respondWith(fetch(request).catch(async () => (await kept(request.url)) ?? Response.error()));
});

async function begin() {
  for (const name of await caches.keys()) if (name.startsWith("castor-unreachable-") && name !== KEPT) await caches.delete(name);
  await self.clients.claim();
}

async function reached(request) {
  const answer = await fetch(request).catch(() => null);
  if (answer && !AWAY.includes(answer.status)) return answer;
  return (await kept(PAGE)) ?? answer ?? Response.error();
}
