// Has the browser keep a page for the time when Castor cannot be reached. Loaded by pages on the way to work.
const { worker } = document.querySelector("[data-worker]").dataset;
navigator.serviceWorker?.register(worker).catch(() => {}); // a browser that wants none works without
