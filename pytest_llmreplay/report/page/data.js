// The run, and its cases, which are unpacked when they are opened.

const run = JSON.parse(document.getElementById("run-data").textContent);
const packed = document.getElementById("case-data").textContent.split("\n");
const opened = new Map();
const MOST_OPENED = 50;

const SEVERITY = ["diverged", "failed", "error", "tolerated", "skipped", "passed"];
const BAD = new Set(["diverged", "failed", "error"]);
const LETTERS = { diverged: "D", failed: "F", error: "E", tolerated: "t", skipped: "s", passed: "·" };

run.rows.forEach((row, index) => {
  row.index = index;
  row.text = [row.case, row.message, row.words, row.outcome].join(" ").toLowerCase();
});

async function caseAt(index) {
  if (!opened.has(index)) {
    if (opened.size >= MOST_OPENED) opened.delete(opened.keys().next().value);
    opened.set(index, JSON.parse(await inflated(packed[index])));
  }
  return opened.get(index);
}

async function inflated(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
}
