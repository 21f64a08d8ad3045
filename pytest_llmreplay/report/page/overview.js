// The first screen's upper part: verdict, figures, and what else is to say of the run.

const SHORT_CELL = 16;

function showOverview() {
  const state = document.getElementById("state");
  state.textContent = run.succeeded ? "PASSED" : "FAILED";
  state.className = run.succeeded ? "good" : "bad";
  const gateFails = run.gates.some((gate) => gate.state === "failed");
  const told = !run.exit_reason || gateFails || run.rows.some((row) => BAD.has(row.outcome));
  fill(document.getElementById("counted"), run.counted + (told ? "" : " – " + run.exit_reason));
  const origin = [run.mode, run.commit && "commit " + run.commit, moment(run.created)];
  fill(document.getElementById("origin"), origin.filter(Boolean).join(" · "));
  document.getElementById("figures").append(...run.kpis.map(tile));
  const sections = [gateTable(), changeTable(), costChart(), recordList(), versionList()].filter(Boolean);
  document.getElementById("run-more").append(...sections);
  document.querySelector("#more > summary").replaceChildren(...moreWords());
}

function moreWords() {
  const bad = ["failed", "unclear"].map((state) => [run.gates.filter((gate) => gate.state === state).length, state]);
  const told = bad.filter(([number]) => number).map(([number, state]) => `, ${number} ${state}`).join("");
  const changes = run.comparison ? run.comparison.changes.length + Math.max(0, run.unlisted.changes) : 0;
  const problems = run.problems.length + Math.max(0, run.unlisted.problems);
  const words = [run.gates.length ? count(run.gates.length, "gate") + told : "no gates"];
  words.push(run.comparison ? "baseline: " + count(changes, "change") : "no baseline", "cost by step");
  if (problems) words.push(count(problems, "record") + " not read");
  return words.flatMap((word, at) => [at ? " · " : "", el("span", { class: /failed/.test(word) ? "bad" : "" }, word)]);
}

// The gates on a figure: pass_rate is "pass rate", latency.p95 is "latency p95", score.NAME is an evaluator's.
function gatesOf(kpi) {
  const places = run.kpis.filter((each) => each.name === kpi.name);
  const evaluator = kpi.unit === "score" && (kpi.name !== "score" || places.indexOf(kpi) > 0);
  return run.gates.filter((gate) => {
    const name = gate.gate.split(/[<>=]/)[0].trim();
    if (evaluator) return name === "score." + kpi.name || name === kpi.name.replace("score ", "score.");
    return name.replace(/[_.]/g, " ") === kpi.name && !name.startsWith("score.");
  });
}

function tile(kpi) {
  const gates = gatesOf(kpi);
  const worst = ["failed", "unclear"].find((state) => gates.some((gate) => gate.state === state)) ?? "";
  return el("div", { class: "tile " + worst },
    el("div", { class: "name" }, kpi.name),
    el("div", { class: "value" }, kpi.shown, kpi.change ? span("change", kpi.change) : null),
    pairChart(kpi),
    el("div", { class: "note" }, kpi.baseline ? "was " + kpi.baseline : run.comparison ? "new" : "",
      gates.map((gate) => span("gate " + gate.state, gate.gate.replace(/^[^<>=]*/, "") + " " + gate.state))));
}

function section(title, ...children) {
  return el("section", {}, el("h2", {}, title), ...children);
}

function dataTable(titles, rows, label) {
  return el("table", { "aria-label": label },
    el("thead", {}, el("tr", {}, titles.map((title) => el("th", { scope: "col" }, title)))),
    el("tbody", {}, rows.map((row) => el("tr", {}, row.map(dataCell)))));
}

function dataCell(cell) {
  return el("td", { class: typeof cell === "string" && cell.length <= SHORT_CELL ? "short" : null }, cell);
}

function gateTable() {
  if (!run.gates.length) return null;
  const rows = run.gates.map((gate) =>
    [gate.gate, span("gate " + gate.state, gate.state), gate.baseline, gate.now, gate.change, gate.reason]);
  return section("Gates", dataTable(["gate", "", "baseline", "now", "change", ""], rows, "Gates"));
}

function changeTable() {
  const against = run.comparison;
  if (!against) return null;
  const from = [against.path, against.commit && "commit " + against.commit, moment(against.created)];
  const rows = against.changes.map((each) => [each.change, caseLink(each.case), each.before, each.now]);
  const tests = Object.entries(against.tests).map(([name, p]) => `${name}: p = ${p.toPrecision(2)}`);
  return section("Against the baseline", muted(from.filter(Boolean).join(" · ")),
    rows.length ? dataTable(["change", "case", "before", "now"], rows, "Changes") : el("p", {}, "No case changed."),
    run.unlisted.changes > 0 ? el("p", {}, `… and ${count(run.unlisted.changes, "more change")}`) : null,
    [...tests, ...against.notes].map((note) => muted(note)));
}

// A change leads to its case; of several runs to the first one.
function caseLink(name) {
  const runs = name.endsWith("]") ? name.slice(0, -1) + "-" : name;
  const row = run.rows.find((each) => each.case === name) ?? run.rows.find((each) => each.case.startsWith(runs));
  if (!row) return name;
  const link = el("button", { type: "button", class: "link" }, name);
  link.addEventListener("click", () => reveal(row.index));
  return link;
}

function costChart() {
  if (!run.costs.length) return null;
  const priced = run.costs.some((each) => each.cost_usd !== null);
  const size = (each) => (priced ? each.cost_usd ?? 0 : each.tokens_in + each.tokens_out);
  const most = Math.max(...run.costs.map(size)) || 1;
  const rows = run.costs.map((each) => [`${each.kind} ${each.name}`,
    shareChart(size(each) / most, "cost", `${visible(each.name)}, share of the ${priced ? "cost" : "tokens"}`),
    each.cost_usd === null ? "unknown" : dollars(each.cost_usd), count(each.calls, "call"),
    `${each.tokens_in.toLocaleString("en")} in, ${each.tokens_out.toLocaleString("en")} out`]);
  return section("Cost by step", dataTable(["step", "", "cost", "calls", "tokens"], rows, "Cost by step"));
}

function recordList() {
  if (!run.problems.length) return null;
  const unlisted = run.unlisted.problems;
  const more = unlisted > 0 ? el("li", {}, `… and ${count(unlisted, "more record")}`) : null;
  return section("Records not read as they are", el("ul", {}, run.problems.map((each) => el("li", {}, each)), more));
}

function versionList() {
  const words = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`);
  return section("Versions", muted(words.join(" · ")));
}
