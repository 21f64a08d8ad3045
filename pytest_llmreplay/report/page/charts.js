// Charts as inline SVG.

const SVG = "http://www.w3.org/2000/svg";

function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// An empty picture of 100 units' width that is stretched to the room there is.
function picture(kind, height, label) {
  const size = { viewBox: `0 0 100 ${height}`, preserveAspectRatio: "none" };
  return svg("svg", { class: kind, ...size, role: "img", "aria-label": label });
}

// The figure of this run below that of the baseline, on one scale.
function pairChart(kpi) {
  const most = kpi.unit === "rate" ? 1 : Math.max(kpi.now ?? 0, kpi.before ?? 0) || 1;
  const label = kpi.baseline ? `${kpi.name}: ${kpi.shown}, baseline ${kpi.baseline}` : `${kpi.name}: ${kpi.shown}`;
  const chart = picture("pair", 11, visible(label));
  if (kpi.before !== null) chart.append(bar(0, kpi.before / most, "before"));
  if (kpi.now !== null) chart.append(bar(6, kpi.now / most, "now"));
  return chart;
}

function bar(y, share, kind) {
  const width = Math.max(0.8, Math.min(100, 100 * share));
  return svg("rect", { class: kind, x: 0, y, width, height: 5 });
}

// One bar.
function shareChart(share, kind, label) {
  const chart = picture("share", 6, label);
  chart.append(svg("rect", { class: "track", x: 0, y: 0, width: 100, height: 6 }),
    svg("rect", { class: kind, x: 0, y: 0, width: Math.max(0, Math.min(100, 100 * share)), height: 6 }));
  return chart;
}
