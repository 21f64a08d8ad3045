// The list of cases: search, filters, and rows of which only those in sight exist.

const ROW = 46;
const SPARE = 8;
const list = document.getElementById("list");
const rowsHolder = document.getElementById("rows");
const searchBox = document.getElementById("search");
const stageBox = document.getElementById("stage");
const evaluatorBox = document.getElementById("evaluator");
const wantedOutcomes = new Set();
let matching = [];
let current = -1;
let allRows = false;
const severalTests = new Set(run.rows.map((row) => shortName(row.case)[0])).size > 1;

function showList() {
  const outcomes = SEVERITY.filter((outcome) => run.rows.some((row) => row.outcome === outcome));
  if (run.rows.some((row) => row.newly)) outcomes.push("newly failing");
  document.getElementById("outcomes").append(...outcomes.map(chip));
  options(stageBox, "any stage", [...new Set(run.rows.map((row) => row.stage).filter(Boolean))].sort());
  options(evaluatorBox, "any evaluator", failedEvaluators());
  searchBox.addEventListener("input", refilter);
  stageBox.addEventListener("change", refilter);
  evaluatorBox.addEventListener("change", refilter);
  list.addEventListener("scroll", drawRows, { passive: true });
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-place]");
    if (row) select(Number(row.dataset.place));
  });
  addEventListener("resize", drawRows);
  addEventListener("beforeprint", () => { allRows = true; drawRows(); });
  addEventListener("afterprint", () => { allRows = false; drawRows(); });
  refilter();
}

function chip(name) {
  const isNew = name === "newly failing";
  const total = run.rows.filter((row) => (isNew ? row.newly : row.outcome === name)).length;
  const made = el("button", { type: "button", class: "chip " + name.replace(" ", "-"), "aria-pressed": "false" },
    name + " ", span("count", total.toLocaleString("en")));
  made.addEventListener("click", () => {
    wantedOutcomes.has(name) ? wantedOutcomes.delete(name) : wantedOutcomes.add(name);
    made.setAttribute("aria-pressed", String(wantedOutcomes.has(name)));
    refilter();
  });
  return made;
}

function options(box, any, names) {
  box.append(el("option", { value: "" }, any), ...names.map((name) => el("option", { value: name }, name)));
  box.hidden = !names.length;
}

function failedEvaluators() {
  const names = run.rows.flatMap((row) => Object.keys(row.evaluators).filter((name) => fails(row, name)));
  return [...new Set(names)].sort();
}

function fails(row, name) {
  return row.evaluators[name] === "failed" || row.evaluators[name] === "error";
}

function wanted(row, terms) {
  const outcomes = [...wantedOutcomes].filter((name) => name !== "newly failing");
  return (!outcomes.length || outcomes.includes(row.outcome))
    && (!wantedOutcomes.has("newly failing") || row.newly)
    && (!stageBox.value || row.stage === stageBox.value)
    && (!evaluatorBox.value || fails(row, evaluatorBox.value))
    && terms.every((term) => row.text.includes(term));
}

function refilter() {
  const terms = searchBox.value.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = (row) => SEVERITY.indexOf(row.outcome) - (row.newly ? 10 : 0);
  matching = run.rows.filter((row) => wanted(row, terms)).sort((a, b) => rank(a) - rank(b) || a.index - b.index);
  const part = matching.length === run.rows.length ? "" : `${matching.length.toLocaleString("en")} of `;
  document.getElementById("found").textContent = part + count(run.rows.length, "case");
  rowsHolder.style.height = `${matching.length * ROW}px`;
  list.scrollTop = 0;
  drawRows();
  if (matching.length && !matching.some((row) => row.index === current)) select(0);
  else if (!matching.length) showNothing();
}

function drawRows() {
  const first = allRows ? 0 : Math.max(0, Math.floor(list.scrollTop / ROW) - SPARE);
  const inSight = Math.ceil((list.scrollTop + list.clientHeight) / ROW) + SPARE;
  const last = allRows ? matching.length : Math.min(matching.length, inSight);
  rowsHolder.replaceChildren(...matching.slice(first, last).map((row, at) => rowElement(row, first + at)));
  const active = matching.findIndex((row) => row.index === current);
  if (active >= first && active < last) list.setAttribute("aria-activedescendant", "row-" + current);
  else list.removeAttribute("aria-activedescendant");
}

function rowElement(row, place) {
  const [where, name] = shortName(row.case);
  const test = severalTests && row.message ? where.slice(where.lastIndexOf("::") + 2) + ": " : "";
  const made = el("div", {
    class: "row " + row.outcome, role: "option", id: "row-" + row.index, "data-place": place, title: visible(row.case),
    "aria-selected": String(row.index === current), "aria-setsize": matching.length, "aria-posinset": place + 1,
  },
    el("span", { class: "letter", role: "img", "aria-label": row.outcome }, LETTERS[row.outcome]),
    span("row-name", name, row.run ? span("muted", ` run ${row.run}`) : null),
    row.newly ? span("new", "newly") : null,
    span("row-message", test, row.message || where));
  made.style.top = `${place * ROW}px`;
  return made;
}

// What a case is called within its test, and where the test is.
function shortName(name) {
  const bracket = name.indexOf("[");
  if (bracket > 0 && name.endsWith("]")) return [name.slice(0, bracket), name.slice(bracket + 1, -1)];
  const at = name.lastIndexOf("::");
  return at < 0 ? ["", name] : [name.slice(0, at), name.slice(at + 2)];
}

function select(place, step = null) {
  const row = matching[Math.max(0, Math.min(matching.length - 1, place))];
  if (!row) return;
  current = row.index;
  scrollTo(matching.indexOf(row));
  drawRows();
  history.replaceState(null, "", "#case-" + current);
  showCase(row, step);
}

function scrollTo(place) {
  const top = place * ROW;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
}

function move(by) {
  select(matching.findIndex((row) => row.index === current) + by);
}

// Show a case though a filter hides it.
function reveal(index) {
  if (!matching.some((row) => row.index === index)) clearFilters();
  select(matching.findIndex((row) => row.index === index));
  list.focus();
}

function clearFilters() {
  searchBox.value = stageBox.value = evaluatorBox.value = "";
  wantedOutcomes.clear();
  document.querySelectorAll(".chip").forEach((each) => each.setAttribute("aria-pressed", "false"));
  refilter();
}
