// One case: why it did not pass, its steps, its evaluators, its output.

const pane = document.getElementById("case");
const SHORT = 60;
let wantedCase = -1;

async function showCase(row, step = null) {
  wantedCase = row.index;
  let parts;
  try {
    const shown = await caseAt(row.index);
    parts = () => caseParts(row, shown, step);
  } catch (error) {
    parts = () => [unreadable(error)];
  }
  if (wantedCase !== row.index) return;
  pane.replaceChildren(...parts());
  pane.dataset.case = row.index;
  pane.scrollTop = 0;
}

function unreadable(error) {
  return el("p", { class: "empty" }, `This case cannot be unpacked (${error.message}): the file is damaged, `
    + "or the browser is older than 2024. The JSON report holds the same values.");
}

function showNothing() {
  wantedCase = current = -1;
  const clear = el("button", { type: "button" }, "Clear search and filters");
  clear.addEventListener("click", () => { clearFilters(); searchBox.focus(); });
  const words = run.rows.length ? ["No case matches. ", clear] : ["No case was run."];
  pane.replaceChildren(el("p", { class: "empty" }, words));
}

function caseParts(row, shown, step) {
  const detail = el("div", { id: "detail" });
  const steps = shown.details.length ? waterfall(shown, (at) => openStep(shown, at, steps, detail)) : null;
  const first = step ?? firstDivergence(shown);
  if (steps && first >= 0) openStep(shown, first, steps, detail);
  return [
    caseHead(row, shown), reasonBox(shown),
    steps ? section(`${count(shown.steps, "step")}`, steps, detail) : null,
    evaluatorTable(shown.evaluations), outputPart(shown), factList(shown),
  ].filter(Boolean);
}

function openStep(shown, at, steps, detail) {
  const rows = [...steps.querySelectorAll("button.step")];
  const wasOpen = rows[at].getAttribute("aria-expanded") === "true";
  rows.forEach((each, place) => {
    each.setAttribute("aria-expanded", String(place === at && !wasOpen));
    each.tabIndex = place === at ? 0 : -1;
  });
  detail.replaceChildren(...(wasOpen ? [] : [stepDetail(shown.details[at])]));
}

function caseHead(row, shown) {
  const [where, name] = shortName(row.case);
  const facts = [
    shown.request_id && "request " + shown.request_id,
    shown.recorded_at && "recorded " + moment(shown.recorded_at),
    seconds(shown.recorded_seconds),
    dollars(shown.cost_usd),
    shown.tokens_in !== null && `${shown.tokens_in} → ${shown.tokens_out} tokens`,
  ];
  return el("header", { class: "case-head" },
    span("badge " + shown.outcome, shown.outcome),
    row.newly ? span("new", "newly failing") : null,
    el("h2", {}, name), muted([where, ...facts].filter(Boolean).join(" · ")));
}

// The three-second answer.
function reasonBox(shown) {
  if (shown.outcome === "passed") return null;
  const at = firstDivergence(shown);
  const step = shown.details[at];
  const bad = shown.evaluations.filter((each) => each.judgement === "failed" || each.judgement === "error");
  const box = el("section", { class: "reason " + shown.outcome, "aria-label": "Why" });
  if (step) {
    box.append(el("h3", {}, step.index ? `Step ${step.index} ` : "A call beside the trace ",
      el("b", {}, `${step.kind} ${step.name}`), step.state === "diverged" ? " diverged first " : ` ${step.state} `,
      shown.stage ? span("stage", "stage " + shown.stage) : null));
    box.append(el("ul", {}, step.differences.slice(0, 4).map(briefly)));
    if (step.differences.length > 4) box.append(muted(`and ${count(step.differences.length - 4, "more difference")}`));
    if (!step.differences.length && shown.message) box.append(el("p", {}, shown.message));
  } else if (!bad.length) {
    box.append(el("h3", {}, shown.message || shown.diverged || shown.outcome));
  }
  if (bad.length) {
    box.append(el("h3", {}, count(bad.length, "evaluator") + (bad.length === 1 ? " fails" : " fail")),
      el("ul", {}, bad.map(failure)));
  }
  if (shown.cause) box.append(el("p", {}, "Likely cause: ", shown.cause));
  if (shown.again) box.append(el("p", { class: "again" }, el("code", { tabindex: "0" }, shown.again)));
  return box;
}

function failure(each) {
  return el("li", {}, el("b", {}, each.name), " ", scoreWords(each), each.reason ? " – " + each.reason : "");
}

// A difference in one line: the values where they are short, else the first words that differ.
function briefly(each) {
  const path = el("code", {}, each.path);
  if (each.recorded === null) return el("li", {}, path, " is new: ", el("ins", {}, cut(each.live)));
  if (each.live === null) return el("li", {}, path, " is gone: ", el("del", {}, cut(each.recorded)));
  const { a, b, found } = compared(each.recorded, each.live);
  const changed = found.find(([kind]) => kind === "change");
  if (!changed) return el("li", {}, path);
  const [, from, to, start, end] = changed;
  const old = a.slice(from, to).map((line) => line.trim());
  const now = b.slice(start, end).map((line) => line.trim());
  if (!now.length) return el("li", {}, path, " lost ", lineCount(old), el("del", {}, joined(old)));
  if (!old.length) return el("li", {}, path, " gained ", lineCount(now), el("ins", {}, joined(now)));
  const [left, right] = words(...around(old[0], now[0]));
  const wide = old[0].length + now[0].length > SHORT ? " wide" : "";
  return el("li", { class: "pair-of-values" + wide }, path, " ",
    span("old", left), span("arrow", " → "), span("now", right));
}

function lineCount(lines) {
  return lines.length > 1 ? count(lines.length, "line") + ": " : "";
}

function joined(lines) {
  return cut(lines.join(" ⏎ "), 160);
}

function around(old, now) {
  let same = 0;
  while (same < old.length && same < now.length && old[same] === now[same]) same += 1;
  const start = same > 40 ? same - 25 : 0;
  return [old, now].map((text) => (start ? "…" : "") + cut(text.slice(start)));
}

function cut(text, most = 90) {
  return text.length > most ? text.slice(0, most - 1) + "…" : text;
}

function scoreWords(each) {
  const score = each.label ?? number(each.score);
  return [score, each.need ? `(needs ${each.need})` : ""].filter(Boolean).join(" ");
}

function evaluatorTable(evaluations) {
  if (!evaluations.length) return null;
  const order = { failed: 0, error: 1, skipped: 2, passed: 3 };
  const rows = [...evaluations].sort((a, b) => order[a.judgement] - order[b.judgement]).map((each) => [
    each.name, span("gate " + each.judgement, each.judgement),
    el("span", {}, each.label ?? (number(each.score) || "–"), scoreBar(each)),
    each.need, number(each.recorded),
    el("div", {}, each.step ? `step ${each.step}: ` : "", each.reason, evidence(each.evidence)),
  ]);
  return section("Evaluators", dataTable(["evaluator", "", "score", "need", "recorded", "why"], rows, "Evaluators"));
}

function scoreBar(each) {
  if (each.score === null || each.score < 0 || each.score > 1) return null;
  return shareChart(each.score, each.judgement, visible(`${each.name}: ${each.score}`));
}

function evidence(found) {
  return found.map((each) => el("div", { class: "evidence" }, el("code", {}, each.path), each.found === null ? "" : " ",
    each.found === null ? "" : typeof each.found === "string" ? each.found : JSON.stringify(each.found)));
}

function outputPart(shown) {
  if (!shown.output && !shown.recorded_output) return null;
  const same = shown.output === shown.recorded_output;
  if (!shown.output) {
    return section("Output", muted("not reached; production gave:"), textBlock(pretty(shown.recorded_output)));
  }
  if (same || !shown.recorded_output) {
    return section(same ? "Output, as recorded" : "Output", textBlock(pretty(shown.output)));
  }
  return section("Output", sideBySide(shown.recorded_output, shown.output));
}

function factList(shown) {
  const facts = [
    ["trace", shown.trace_id],
    ["session", shown.session_id],
    ["source", shown.source],
    ["recorded status", shown.recorded_status],
    ["mode", shown.mode],
    ["seed", shown.mode === "replay" ? "" : String(shown.seed)],
    ["test took", seconds(shown.seconds)],
    ["spent", dollars(shown.spent_usd)],
    ["judges", dollars(shown.judge_usd)],
    ["drifted", shown.drifts.join("; ")],
    ["ambiguous", shown.ambiguities.join("; ")],
    ["not pinned", shown.unpinned.join("; ")],
    ["not in the trace", shown.losses.join("; ")],
  ];
  const rows = facts.filter(([, value]) => value).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
  return section("Facts", el("dl", { class: "facts" }, rows));
}
