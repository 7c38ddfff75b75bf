// What must outlive the page, in IndexedDB: answers that are nowhere else yet. Every key begins with the annotator's.
const NAME = "castor-labelling";
const STORE = "kept";
const PATIENCE = 1000; // Milliseconds after which nobody waits for a store that does not answer.
// Where there is no IndexedDB (some private windows), or none that answers, things live as long as the page.
const memory = new Map();
const refused = new Set(); // keys of what would not outlive it
let opening = null;

function open() {
  const closed = () => { opening = null; };
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onerror = () => { closed(); reject(request.error); };
    request.onsuccess = () => {
      const base = request.result;
      // Signing out in another tab empties what lies here; what comes after opens it anew.
      base.onclose = closed;
      base.onversionchange = () => { base.close(); closed(); };
      resolve(base);
    };
  });
  return opening;
}

async function run(mode, act) {
  const base = await open();
  return new Promise((resolve, reject) => {
    const change = base.transaction(STORE, mode);
    const request = act(change.objectStore(STORE));
    change.oncomplete = () => resolve(request.result);
    change.onerror = change.onabort = () => reject(change.error);
  });
}

/** What it gives, or an error when that takes too long. */
function soon(promise) {
  return new Promise((resolve, reject) => {
    promise.then(resolve, reject);
    setTimeout(() => reject(new Error("the store does not answer")), PATIENCE);
  });
}

/** Keep it; whether it outlives the page. */
export async function put(key, value) {
  memory.set(key, value);
  const written = run("readwrite", (store) => store.put(value, key)).then(() => {
    if (memory.get(key) !== value) return;
    memory.delete(key);
    refused.delete(key);
  });
  try {
    await soon(written);
  } catch {
    if (memory.get(key) === value) refused.add(key);
    return false;
  }
  return true;
}

/** Whether the browser would not keep it, or anything at all: then it lives as long as the page. */
export const isAtRisk = (key = null) => (key === null ? refused.size > 0 : refused.has(key));

export async function remove(key) {
  memory.delete(key);
  refused.delete(key);
  await soon(run("readwrite", (store) => store.delete(key))).catch(() => undefined);
}

/** Whether it is still there; as far as one knows, where the store does not answer. */
export async function has(key) {
  return memory.has(key) || soon(run("readonly", (store) => store.count(key))).then((count) => count > 0, () => true);
}

/** [key, value] of everything that the browser keeps whose key begins with `prefix`. Throws where that is not to be known now. */
export async function kept(prefix = "") {
  const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
  return soon(run("readonly", (store) => {
    const [keys, values] = [store.getAllKeys(range), store.getAll(range)];
    return { get result() { return keys.result.map((key, index) => [key, values.result[index]]); } };
  }));
}

/** [key, value] of everything whose key begins with `prefix`, in the order of the keys. */
export async function all(prefix = "") {
  // Else what the page itself remembers is all there is.
  const found = new Map(await kept(prefix).catch(() => []));
  for (const [key, value] of memory) if (key.startsWith(prefix)) found.set(key, value);
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1));
}
