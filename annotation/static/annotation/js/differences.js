// What differs between the texts of A and B, word by word: marked in both by colour, underline and, for ears, in words.
// Loaded when it is first asked for.

// A word, one sign of a script that puts no spaces between words, or one mark of punctuation.
const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}_]+|[^\s]/gu;
// Beyond so many changes the texts have little in common: then a word is marked that the other has nowhere.
const MOST_CHANGES = 600;

const closed = (sheet) => sheet.querySelector(".pane-body .veiled-text:not(.revealed)") !== null;

/** { text, node, start, end, differs } of every word of a pane, in order; not of a beginning that both share. */
function wordsOf(sheet, side) {
  const words = [];
  for (const prose of sheet.querySelectorAll(`[data-pane="${side}"] .pane-body .prose:not(.prefix)`)) {
    const walk = document.createTreeWalker(prose, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const node = walk.currentNode;
      for (const { 0: text, index } of node.data.matchAll(WORD)) words.push({ text, node, start: index, end: index + text.length, differs: false });
    }
  }
  return words;
}

/** Flag what is not part of the longest common sequence of `a` and `b`: Myers' O(ND) algorithm. */
function compare(a, b) {
  let [low, highA, highB] = [0, a.length, b.length];
  while (low < highA && low < highB && a[low].text === b[low].text) low += 1;
  while (highA > low && highB > low && a[highA - 1].text === b[highB - 1].text) { highA -= 1; highB -= 1; }
  const [left, right] = [a.slice(low, highA), b.slice(low, highB)];
  const trace = furthest(left, right);
  if (!trace) return apart(left, right);
  let [x, y] = [left.length, right.length];
  for (let d = trace.length - 1; d > 0; d -= 1) {
    const before = trace[d - 1];
    const k = x - y;
    const down = k === -d || (k !== d && before.get(k - 1) < before.get(k + 1));
    const k0 = down ? k + 1 : k - 1;
    const x0 = before.get(k0);
    if (down) right[x0 - k0].differs = true;
    else left[x0].differs = true;
    [x, y] = [x0, x0 - k0];
  }
  return undefined;
}

/** For each number of changes, how far each diagonal reaches; null when there are too many. */
function furthest(a, b) {
  const trace = [];
  let reach = new Map([[1, 0]]);
  for (let d = 0; d <= MOST_CHANGES; d += 1) {
    const next = new Map();
    for (let k = -d; k <= d; k += 2) {
      let x = k === -d || (k !== d && reach.get(k - 1) < reach.get(k + 1)) ? reach.get(k + 1) : reach.get(k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x].text === b[x - k].text) x += 1;
      next.set(k, x);
      if (x >= a.length && x - k >= b.length) { trace.push(next); return trace; }
    }
    trace.push(next);
    reach = next;
  }
  return null;
}

function apart(a, b) {
  const texts = (words) => new Set(words.map(({ text }) => text));
  const [inA, inB] = [texts(a), texts(b)];
  for (const word of a) word.differs = !inB.has(word.text);
  for (const word of b) word.differs = !inA.has(word.text);
}

/** Wrap each run of flagged words of one text node; from the end, so that what is before keeps its place. */
function mark(words, opening, closing) {
  for (let at = words.length - 1; at >= 0; at -= 1) {
    if (!words[at].differs) continue;
    const last = words[at];
    while (at > 0 && words[at - 1].differs && words[at - 1].node === last.node) at -= 1;
    last.node.splitText(last.end);
    const run = last.node.splitText(words[at].start);
    const mark = document.createElement("ins");
    mark.className = "only-here";
    run.replaceWith(mark);
    mark.append(aside(opening), run, aside(closing));
  }
}

function aside(text) {
  const said = document.createElement("span");
  said.className = "visually-hidden";
  said.lang = document.documentElement.lang;
  said.textContent = text;
  return said;
}

/** Take every mark away again. */
export function clear(sheet) {
  for (const mark of sheet.querySelectorAll("ins.only-here")) {
    const around = mark.parentNode;
    for (const said of mark.querySelectorAll(".visually-hidden")) said.remove();
    mark.replaceWith(...mark.childNodes);
    around.normalize();
  }
}

/** Mark what differs. Gives null while a text is covered, else how many words differ at each side: { a, b }. */
export function show(sheet, words) {
  clear(sheet);
  if (closed(sheet)) return null;
  const [a, b] = [wordsOf(sheet, "a"), wordsOf(sheet, "b")];
  compare(a, b);
  for (const side of [a, b]) mark(side, ` ${words.only_here} `, ` ${words.end_only_here} `);
  const count = (side) => side.filter(({ differs }) => differs).length;
  return { a: count(a), b: count(b) };
}
