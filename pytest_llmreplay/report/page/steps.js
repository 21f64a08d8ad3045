// The waterfall: each step as production timed it, beside what this run did.

const FIRST = new Set(["diverged", "missing", "unexpected"]);

function firstDivergence(shown) {
  const at = shown.details.findIndex((step) => step.index && step.index === shown.step);
  return at >= 0 ? at : shown.details.findIndex((step) => FIRST.has(step.state));
}

function waterfall(shown, open) {
  const first = firstDivergence(shown);
  const recorded = spans(shown.details, "start", "seconds");
  const live = spans(shown.details, "live_start", "live_seconds");
  const priced = shown.details.some((step) => step.cost_usd !== null);
  const holder = el("div", { class: priced ? "steps priced" : "steps" });
  holder.append(el("div", { class: "step head", "aria-hidden": "true" },
    span("number", "#"), el("span", {}, "step"), axis("recorded", recorded.end), axis("this run", live.end),
    el("span", {}, "state"), span("right", "tokens"), span("right", "cost")));
  const dearest = Math.max(...shown.details.map((step) => step.cost_usd ?? 0)) || 1;
  const rows = el("ol", { class: "step-rows", "aria-label": "Steps" });
  shown.details.forEach((step, at) => {
    const row = stepRow(step, at === first, recorded.lanes[at], live.lanes[at], dearest);
    row.addEventListener("click", () => open(at));
    row.tabIndex = at === Math.max(0, first) ? 0 : -1;
    rows.append(el("li", {}, row));
  });
  holder.append(rows);
  return holder;
}

// Where each bar begins and how long it is, as shares of the whole. Unknown beginnings follow one after the other; the
// call that was stopped took no time.
function spans(steps, start, length) {
  let behind = 0;
  const places = steps.map((step) => {
    if (step[length] === null) return start === "live_start" && FIRST.has(step.state) ? [behind, 0] : null;
    const from = step[start] ?? behind;
    behind = Math.max(behind, from + step[length]);
    return [from, step[length]];
  });
  return { end: behind, lanes: places.map((place) => place && [place[0] / (behind || 1), place[1] / (behind || 1)]) };
}

function axis(name, end) {
  return span("axis", el("span", {}, name), el("span", {}, end ? seconds(end) : ""));
}

function stepRow(step, isFirst, recorded, live, dearest) {
  const which = step.index ? "Step " + step.index : "Call beside the trace";
  const label = `${which}, ${step.kind} ${step.name}, ${step.state}${isFirst ? ", first divergence" : ""}`;
  const kind = `step ${step.state.replaceAll(" ", "-")}${isFirst ? " first" : ""}`;
  const name = span("step-name", span("kind", step.kind), " ", step.name,
    step.error ? el("span", { class: "mark-error", title: "production got an error" }, " !") : null);
  name.style.paddingLeft = `${Math.min(step.depth, 8) * 12}px`;
  return el("button", { type: "button", class: kind, "aria-label": visible(label), "aria-expanded": "false" },
    span("number", step.index || "+"), name,
    lane(recorded, "recorded", step.seconds), lane(live, "live", step.live_seconds),
    span("state-word", isFirst ? step.state + " ← first" : step.state),
    span("right", tokenWords(step)),
    span("right cost-cell", step.cost_usd === null ? "" : dollars(step.cost_usd),
      step.cost_usd === null ? null : shareChart(step.cost_usd / dearest, "cost", "share of the dearest step")));
}

function lane(place, kind, took) {
  const made = el("span", { class: "lane " + kind });
  if (place) {
    const bar = el("span", { class: "bar" });
    bar.style.left = `${place[0] * 100}%`;
    bar.style.width = `max(3px, ${place[1] * 100}%)`;
    const words = span("took", seconds(took));
    if (place[0] + place[1] > 0.7) words.style.right = `${(1 - place[0]) * 100}%`;
    else words.style.left = `calc(${(place[0] + place[1]) * 100}% + 6px)`;
    if (place[0] < 0.3 && place[0] + place[1] > 0.7) { words.style.right = "4px"; words.classList.add("inside"); }
    made.append(bar, words);
  }
  return made;
}

function tokenWords(step) {
  if (step.tokens_in === null && step.tokens_out === null) return "";
  return `${step.tokens_in ?? "?"} → ${step.tokens_out ?? "?"}`;
}
