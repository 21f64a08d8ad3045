// How two texts differ: by lines side by side, and by words within a changed line.

const CONTEXT = 3;
const MOST_EDITS = 1500;
const MOST_WORD_EDITS = 400;
const LEAST_ALIKE = 0.3;
const BLOCK_ROWS = 100;

// Operations [kind, from, to, from, to] that make b of a; kind is "equal" or "change".
function operations(a, b, most = MOST_EDITS) {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  const room = Math.min(a.length, b.length) - head;
  while (tail < room && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const left = a.slice(head, a.length - tail);
  const right = b.slice(head, b.length - tail);
  const found = head ? [["equal", 0, head, 0, head]] : [];
  const pairs = left.length && right.length ? common(left, right, most) : [];
  let x = 0;
  let y = 0;
  for (const [i, j, length] of [...pairs, [left.length, right.length, 0]]) {
    if (i > x || j > y) found.push(["change", head + x, head + i, head + y, head + j]);
    if (length) found.push(["equal", head + i, head + i + length, head + j, head + j + length]);
    x = i + length;
    y = j + length;
  }
  if (tail) found.push(["equal", a.length - tail, a.length, b.length - tail, b.length]);
  return found;
}

// Runs that both have, by Myers' greedy algorithm; none where more edits than that are needed.
function common(a, b, most) {
  const bound = Math.min(a.length + b.length, most);
  const far = new Int32Array(2 * bound + 3);
  const history = [];
  for (let edits = 0; edits <= bound; edits += 1) {
    history.push(far.slice(bound - edits, bound + edits + 3));
    for (let k = -edits; k <= edits; k += 2) {
      const at = bound + 1 + k;
      let x = k === -edits || (k !== edits && far[at - 1] < far[at + 1]) ? far[at + 1] : far[at - 1] + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) { x += 1; y += 1; }
      far[at] = x;
      if (x >= a.length && y >= b.length) return walkedBack(history, a.length, b.length);
    }
  }
  return [];
}

function walkedBack(history, x, y) {
  const runs = [];
  for (let edits = history.length - 1; edits >= 0 && (x > 0 || y > 0); edits -= 1) {
    const far = history[edits];
    const middle = edits + 1;
    const k = x - y;
    const down = k === -edits || (k !== edits && far[middle + k - 1] < far[middle + k + 1]);
    const before = down ? k + 1 : k - 1;
    const fromX = edits ? far[middle + before] : 0;
    const fromY = edits ? fromX - before : 0;
    const startX = edits ? (down ? fromX : fromX + 1) : 0;
    if (x > startX) runs.push([startX, startX - k, x - startX]);
    x = fromX;
    y = fromY;
  }
  return runs.reverse();
}

// Two texts as lines, and what makes one of the other. Of JSON the comma at the end of a line does not count.
function compared(recorded, live) {
  const [a, b] = [pretty(recorded).split("\n"), pretty(live).split("\n")];
  const isJson = a.length + b.length > recorded.split("\n").length + live.split("\n").length;
  const keys = (lines) => (isJson ? lines.map((line) => line.replace(/,$/, "")) : lines);
  return { a, b, found: operations(keys(a), keys(b)) };
}

// Two texts side by side. Long runs of what is equal are folded.
function sideBySide(recorded, live) {
  const { a, b, found } = compared(recorded, live);
  const label = "Recorded and this run, side by side";
  const table = el("div", { class: "diff", role: "table", "aria-label": label, tabindex: "0" });
  table.append(el("div", { class: "diff-row head", role: "row" },
    el("span", { class: "side", role: "columnheader" }, "recorded"),
    el("span", { class: "side", role: "columnheader" }, "this run")));
  found.forEach((each, place) => {
    const isLast = place === found.length - 1;
    const rows = each[0] === "equal" ? equalRows(a, b, each, place === 0, isLast) : changedRows(a, b, each);
    for (let at = 0; at < rows.length; at += BLOCK_ROWS) {
      const kind = rows.length > BLOCK_ROWS ? "rows far" : "rows";
      table.append(el("div", { class: kind, role: "rowgroup" }, rows.slice(at, at + BLOCK_ROWS)));
    }
  });
  return table;
}

function equalRows(a, b, [, from, to, start], first, last) {
  const rows = (begin, end) => Array.from({ length: end - begin }, (_, at) =>
    diffRow("equal", begin + at + 1, [a[begin + at]], begin + at + 1 + start - from, [b[begin + at + start - from]]));
  const head = first ? 0 : CONTEXT;
  const tail = last ? 0 : CONTEXT;
  if (to - from <= head + tail + 2) return rows(from, to);
  const fold = el("button", { type: "button", class: "fold" }, count(to - from - head - tail, "equal line"));
  fold.addEventListener("click", () => fold.replaceWith(...rows(from + head, to - tail)));
  return [...rows(from, from + head), fold, ...rows(to - tail, to)];
}

function changedRows(a, b, [, from, to, start, end]) {
  const rows = [];
  for (let at = 0; at < Math.max(to - from, end - start); at += 1) {
    const old = from + at < to ? a[from + at] : null;
    const now = start + at < end ? b[start + at] : null;
    const [left, right] = old !== null && now !== null ? words(old, now) : [[old], [now]];
    const kind = old === null ? "added" : now === null ? "lost" : "changed";
    rows.push(diffRow(kind, from + at + 1, left, start + at + 1, right));
  }
  return rows;
}

function diffRow(kind, oldNumber, old, nowNumber, now) {
  return el("div", { class: "diff-row " + kind, role: "row" },
    half("old", oldNumber, old), half("now", nowNumber, now));
}

function half(side, number, parts) {
  if (parts[0] === null) return el("span", { class: "side none", role: "cell" });
  return el("span", { class: "side " + side, role: "cell" },
    el("span", { class: "line-number", "aria-hidden": "true", "data-number": number }), span("line", parts));
}

// The parts of two lines, what differs in marked elements; lines that have little in common are marked as a whole.
function words(old, now) {
  const a = old.match(/\w+|\s+|[^\w\s]/gu) ?? [];
  const b = now.match(/\w+|\s+|[^\w\s]/gu) ?? [];
  const left = [];
  const right = [];
  const found = operations(a, b, MOST_WORD_EDITS);
  const same = found.filter(([kind]) => kind === "equal").map(([, i, j]) => a.slice(i, j).join("").trim().length);
  const alike = same.reduce((sum, length) => sum + length, 0);
  if (alike < LEAST_ALIKE * Math.min(old.length, now.length)) return [[el("del", {}, old)], [el("ins", {}, now)]];
  for (const [kind, i, j, k, l] of found) {
    const [before, after] = [a.slice(i, j).join(""), b.slice(k, l).join("")];
    if (kind === "equal") {
      left.push(before);
      right.push(after);
    } else {
      if (before) left.push(el("del", {}, before));
      if (after) right.push(el("ins", {}, after));
    }
  }
  return [left.length ? left : [""], right.length ? right : [""]];
}
