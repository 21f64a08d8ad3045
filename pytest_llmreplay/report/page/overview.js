// The first screen's upper part: verdict, figures, and what else is to say of the run.

const SHORT_CELL = 16;

function showOverview() {
  const state = document.getElementById("state");
  state.textContent = run.succeeded ? "PASSED" : "FAILED";
  state.className = run.succeeded ? "good" : "bad";
  const told = !run.exit_reason || run.gates.some((gate) => gate.state === "failed") || run.rows.some((row) => BAD.has(row.outcome));
  fill(document.getElementById("counted"), run.counted + (told ? "" : " – " + run.exit_reason));
  const origin = [run.mode, run.commit && "commit " + run.commit, moment(run.created)];
  fill(document.getElementById("origin"), origin.filter(Boolean).join(" · "));
  document.getElementById("figures").append(...run.kpis.map(tile));
  const sections = [gateTable(), changeTable(), costChart(), recordList(), versionList()].filter(Boolean);
  document.getElementById("run-more").append(...sections);
  document.querySelector("#more > summary").replaceChildren(...moreWords());
}

function moreWords() {
  const states = run.gates.map((gate) => gate.state);
  const failed = states.filter((state) => state === "failed").length;
  const unclear = states.filter((state) => state === "unclear").length;
  const words = [run.gates.length ? `${count(run.gates.length, "gate")}${failed ? `, ${failed} failed` : ""}${unclear ? `, ${unclear} unclear` : ""}` : "no gates"];
  words.push(run.comparison ? `baseline: ${count(run.comparison.changes.length, "change")}` : "no baseline", "cost by step");
  if (run.problems.length) words.push(count(run.problems.length + Math.max(0, run.unlisted.problems), "record") + " not read");
  return words.flatMap((word, at) => [at ? " · " : "", el("span", { class: /failed/.test(word) ? "bad" : "" }, word)]);
}

// The gates on a figure: pass_rate is "pass rate", latency.p95 is "latency p95", score.NAME is an evaluator's.
function gatesOf(kpi) {
  const places = run.kpis.filter((each) => each.name === kpi.name);
  const evaluator = kpi.unit === "score" && (kpi.name !== "score" || places.indexOf(kpi) > 0);
  return run.gates.filter((gate) => {
    const name = gate.gate.split(/[<>=]/)[0].trim();
    return evaluator ? name === "score." + kpi.name : name.replace(/[_.]/g, " ") === kpi.name && !name.startsWith("score.");
  });
}

function tile(kpi) {
  const gates = gatesOf(kpi);
  const worst = ["failed", "unclear"].find((state) => gates.some((gate) => gate.state === state)) ?? "";
  return el("div", { class: "tile " + worst },
    el("div", { class: "name" }, kpi.name),
    el("div", { class: "value" }, kpi.shown, kpi.change ? el("span", { class: "change" }, kpi.change) : null),
    pairChart(kpi),
    el("div", { class: "note" }, kpi.baseline ? "was " + kpi.baseline : run.comparison ? "new" : "",
      gates.map((gate) => el("span", { class: "gate " + gate.state }, gate.gate.replace(/^[^<>=]*/, ""), " ", gate.state))));
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
    [gate.gate, el("span", { class: "gate " + gate.state }, gate.state), gate.baseline, gate.now, gate.change, gate.reason]);
  return section("Gates", dataTable(["gate", "", "baseline", "now", "change", ""], rows, "Gates"));
}

function changeTable() {
  const against = run.comparison;
  if (!against) return null;
  const from = [against.path, against.commit && "commit " + against.commit, moment(against.created)].filter(Boolean).join(" · ");
  const rows = against.changes.map((each) => [each.change, caseLink(each.case), each.before, each.now]);
  const tests = Object.entries(against.tests).map(([name, p]) => `${name}: p = ${p.toPrecision(2)}`);
  return section("Against the baseline", el("p", { class: "muted" }, from),
    rows.length ? dataTable(["change", "case", "before", "now"], rows, "Changes") : el("p", {}, "No case changed."),
    run.unlisted.changes > 0 ? el("p", {}, `… and ${count(run.unlisted.changes, "more change")}`) : null,
    [...tests, ...against.notes].map((note) => el("p", { class: "muted" }, note)));
}

function caseLink(name) {
  const row = run.rows.find((each) => each.case === name);
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
    shareChart(size(each) / most, "cost", visible(`${each.name}: ${priced ? dollars(each.cost_usd) || "unknown" : count(size(each), "token")}`)),
    each.cost_usd === null ? "unknown" : dollars(each.cost_usd), count(each.calls, "call"),
    `${each.tokens_in.toLocaleString("en")} in, ${each.tokens_out.toLocaleString("en")} out`]);
  return section("Cost by step", dataTable(["step", "", "cost", "calls", "tokens"], rows, "Cost by step"));
}

function recordList() {
  if (!run.problems.length) return null;
  const more = run.unlisted.problems > 0 ? [el("li", {}, `… and ${count(run.unlisted.problems, "more record")}`)] : [];
  return section("Records not read as they are", el("ul", {}, run.problems.map((each) => el("li", {}, each)), more));
}

function versionList() {
  const words = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`);
  return section("Versions", el("p", { class: "muted" }, words.join(" · ")));
}
