// What must outlive the page, in IndexedDB: answers that are nowhere else yet. Every key begins with the annotator's.
const NAME = "castor-labelling";
const STORE = "kept";
// Where there is no IndexedDB (some private windows) things live as long as the page.
const memory = new Map();
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

/** Keep it; whether it outlives the page. */
export async function put(key, value) {
  memory.set(key, value);
  try {
    await run("readwrite", (store) => store.put(value, key));
  } catch {
    return false;
  }
  if (memory.get(key) === value) memory.delete(key);
  return true;
}

export async function remove(key) {
  memory.delete(key);
  await run("readwrite", (store) => store.delete(key)).catch(() => undefined);
}

/** [key, value] of everything whose key begins with `prefix`, in the order of the keys. */
export async function all(prefix = "") {
  const found = new Map();
  try {
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
    const keys = await run("readonly", (store) => store.getAllKeys(range));
    const values = await run("readonly", (store) => store.getAll(range));
    if (keys.length === values.length) keys.forEach((key, index) => found.set(key, values[index]));
    else return all(prefix); // another tab came in between
  } catch {
    // What the page itself remembers is all there is.
  }
  for (const [key, value] of memory) if (key.startsWith(prefix)) found.set(key, value);
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1));
}
