// One step: what differs, the request and the answer, recorded beside live.

function stepDetail(step) {
  const panels = [];
  const total = step.differences.length;
  if (total) panels.push([`Differences ${total}`, () => step.differences.map(difference)]);
  panels.push(textPanel("Request", step.request, step.live_request, step.index));
  panels.push(textPanel("Answer", step.answer, step.live_answer, step.index));
  const title = `${step.index ? "Step " + step.index : "Call beside the trace"}: ${step.kind} ${step.name}`;
  return el("section", { class: "step-detail", "aria-label": visible(title) },
    el("h3", {}, title, span("muted", stepFacts(step))),
    step.error ? el("p", { class: "warn" }, "production got: " + step.error) : null,
    tabs(panels),
    step.losses.length ? el("p", { class: "muted losses" }, "Not in the trace: " + step.losses.join("; ")) : null);
}

function textPanel(name, recorded, live, index) {
  return [live === null ? name : name + ", both", () => [both(recorded, live, index)]];
}

function stepFacts(step) {
  const facts = [
    step.seconds !== null && "recorded " + seconds(step.seconds),
    step.live_seconds !== null && "this run " + seconds(step.live_seconds),
    dollars(step.cost_usd),
    step.span_id && "span " + step.span_id,
  ];
  return "  " + facts.filter(Boolean).join(" · ");
}

function difference(each) {
  return el("div", { class: "difference" }, el("h4", {}, each.path), both(each.recorded, each.live, 1));
}

// Two texts as a diff; one alone as it is, said whose it is.
function both(recorded, live, index) {
  if (recorded !== null && recorded !== "" && live !== null && live !== recorded) return sideBySide(recorded, live);
  const only = recorded || live || "";
  if (!only) return muted("nothing");
  const whose = !index || !recorded ? "this run alone" : "";
  return el("div", {}, whose ? muted(whose) : null, textBlock(pretty(only)));
}

let tabGroup = 0;

function tabs(panels) {
  tabGroup += 1;
  const panel = el("div", { role: "tabpanel", class: "panel", id: `panel-${tabGroup}` });
  const buttons = panels.map(([name], at) =>
    el("button", { type: "button", role: "tab", "aria-controls": panel.id, id: `tab-${tabGroup}-${at}` }, name));
  const choose = (at, focus) => {
    buttons.forEach((each, place) => {
      each.setAttribute("aria-selected", String(place === at));
      each.tabIndex = place === at ? 0 : -1;
    });
    panel.setAttribute("aria-labelledby", buttons[at].id);
    panel.replaceChildren(...panels[at][1]());
    if (focus) buttons[at].focus();
  };
  buttons.forEach((each, at) => {
    each.addEventListener("click", () => choose(at, false));
    each.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (by) choose((at + by + buttons.length) % buttons.length, true);
    });
  });
  choose(0, false);
  return el("div", {}, el("div", { role: "tablist", class: "tabs", "aria-label": "Step" }, buttons), panel);
}
