// Keys, theme, start.

const keysDialog = document.getElementById("keys");
const root = document.documentElement;
const THEMES = ["", "dark", "light"];

function applyTheme(theme) {
  root.dataset.theme = theme;
  document.getElementById("theme").textContent = "Theme: " + (theme || "auto");
}

function nextTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const order = dark ? ["", "light", "dark"] : THEMES;
  const theme = order[(order.indexOf(root.dataset.theme ?? "") + 1) % order.length];
  applyTheme(theme);
  try {
    localStorage.setItem("llmreplay-theme", theme);
  } catch { /* a page from a file may have no storage */ }
}

function storedTheme() {
  try {
    const theme = localStorage.getItem("llmreplay-theme");
    return THEMES.includes(theme) ? theme : "";
  } catch {
    return "";
  }
}

const KEYS = {
  "/": () => { searchBox.focus(); searchBox.select(); },
  "?": () => keysDialog.showModal(),
  t: nextTheme,
  j: () => go(1),
  k: () => go(-1),
  ArrowDown: () => go(1),
  ArrowUp: () => go(-1),
  Home: () => select(0),
  End: () => select(matching.length - 1),
  PageDown: () => move(10),
  PageUp: () => move(-10),
  Enter: enterCase,
  Escape: back,
};
const ONLY_IN_LIST = new Set(["ArrowDown", "ArrowUp", "Home", "End", "PageDown", "PageUp", "Enter"]);

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || keysDialog.open) return;
  const focused = document.activeElement;
  if (focused === searchBox) return onSearchKey(event);
  if (focused.matches("select, summary")) return;
  const onStep = focused.matches("button.step");
  const inList = focused === list || focused === document.body;
  if (ONLY_IN_LIST.has(event.key) && !inList && !(onStep && event.key.startsWith("Arrow"))) return;
  if (!Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
}

function onSearchKey(event) {
  if (event.key === "Escape") {
    event.preventDefault();
    if (searchBox.value) {
      searchBox.value = "";
      refilter();
    } else list.focus();
  } else if (event.key === "Enter" || event.key === "ArrowDown") {
    event.preventDefault();
    list.focus();
  }
}

// Down or up: among the steps where one of them has the focus, else among the cases.
function go(by) {
  const focused = document.activeElement;
  if (!focused.matches("button.step")) {
    list.focus();
    return move(by);
  }
  const steps = [...pane.querySelectorAll("button.step")];
  steps[Math.max(0, Math.min(steps.length - 1, steps.indexOf(focused) + by))].focus();
}

function enterCase() {
  (pane.querySelector("button.step[tabindex='0']") ?? pane).focus();
}

function back() {
  const focused = document.activeElement;
  const openStep = pane.querySelector("button.step[aria-expanded='true']");
  if (focused.closest("#detail") && openStep) openStep.focus();
  else if (pane.contains(focused)) list.focus();
  else if (searchBox.value || wantedOutcomes.size || stageBox.value || evaluatorBox.value) clearFilters();
}

function openAddress(text) {
  const asked = /^#case-(\d+)$/.exec(text);
  if (asked && run.rows[Number(asked[1])]) reveal(Number(asked[1]));
}

function start() {
  applyTheme(storedTheme());
  showOverview();
  showList();
  document.getElementById("theme").addEventListener("click", nextTheme);
  document.getElementById("help").addEventListener("click", () => keysDialog.showModal());
  addEventListener("keydown", onKey);
  addEventListener("hashchange", () => openAddress(location.hash));
  openAddress(address);
  root.dataset.ready = "true";
}

const address = location.hash;
start();
