// What must outlive the page, in IndexedDB: drafts and answers on their way. Every key begins with the annotator's.
const NAME = "castor-labelling";
const STORE = "kept";
// Where there is no IndexedDB (some private windows) things live as long as the page.
const memory = new Map();

const opened = new Promise((resolve) => {
  try {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
  } catch {
    resolve(null);
  }
});

async function run(mode, act) {
  const base = await opened;
  if (!base) return undefined;
  return new Promise((resolve, reject) => {
    const change = base.transaction(STORE, mode);
    const request = act(change.objectStore(STORE));
    change.oncomplete = () => resolve(request?.result);
    change.onerror = change.onabort = () => reject(change.error);
  });
}

export async function put(key, value) {
  memory.set(key, value);
  await run("readwrite", (store) => store.put(value, key)).catch(() => undefined);
}

export async function get(key) {
  return (await run("readonly", (store) => store.get(key)).catch(() => undefined)) ?? memory.get(key);
}

export async function remove(key) {
  memory.delete(key);
  await run("readwrite", (store) => store.delete(key)).catch(() => undefined);
}

/** [key, value] of everything whose key begins with `prefix`, in the order of the keys. */
export async function all(prefix) {
  const range = typeof IDBKeyRange === "undefined" ? null : IDBKeyRange.bound(prefix, `${prefix}\uffff`);
  const keys = await run("readonly", (store) => store.getAllKeys(range)).catch(() => undefined);
  if (!keys) return [...memory].filter(([key]) => key.startsWith(prefix)).sort();
  const values = await run("readonly", (store) => store.getAll(range));
  return keys.map((key, index) => [key, values[index]]);
}

/** Forget what other people left in this browser, or with no `prefix` everything. */
export async function forgetAllBut(prefix = null) {
  const keys = (await run("readonly", (store) => store.getAllKeys()).catch(() => undefined)) ?? [...memory.keys()];
  await Promise.all(keys.filter((key) => prefix === null || !key.startsWith(prefix)).map(remove));
}
