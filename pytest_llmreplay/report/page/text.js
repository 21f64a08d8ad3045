"use strict";

// Elements and text. What comes from a trace reaches the page through fill() alone, and only as text.

const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu;
const CHUNK_LINES = 200;
const LONGEST_PRETTY = 300_000;

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === "") continue;
    made.append(child instanceof Node ? child : fill(document.createDocumentFragment(), String(child)));
  }
  return made;
}

function span(kind, ...children) {
  return el("span", { class: kind }, ...children);
}

function muted(...children) {
  return el("p", { class: "muted" }, ...children);
}

// Text with its control characters as visible escapes.
function fill(node, text) {
  let at = 0;
  for (const found of text.matchAll(CONTROL)) {
    if (found.index > at) node.append(text.slice(at, found.index));
    node.append(escaped(found[0]));
    at = found.index + found[0].length;
  }
  if (at < text.length) node.append(text.slice(at));
  return node;
}

function escaped(character) {
  const made = document.createElement("span");
  const code = character.charCodeAt(0);
  made.className = "esc";
  made.textContent = code < 256 ? "\\x" + code.toString(16).padStart(2, "0") : "\\u" + code.toString(16);
  return made;
}

function visible(text) {
  return fill(document.createElement("span"), text).textContent;
}

// A long text as blocks of which the browser lays out only those that are seen.
function textBlock(text) {
  const pre = el("pre", { class: "text", tabindex: "0" });
  const lines = text.split("\n");
  if (lines.length <= CHUNK_LINES) return fill(pre, text);
  for (let at = 0; at < lines.length; at += CHUNK_LINES) {
    const part = lines.slice(at, at + CHUNK_LINES).join("\n");
    pre.append(el("div", { class: "chunk" }, at + CHUNK_LINES < lines.length ? part + "\n" : part));
  }
  return pre;
}

// JSON on several lines. Numbers and strings stay as they are written.
function pretty(text) {
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed) || trimmed.length > LONGEST_PRETTY || trimmed.includes("\n")) return text;
  try {
    JSON.parse(trimmed);
  } catch {
    return text;
  }
  return indented(trimmed.match(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s"[\]{},:]+/g));
}

function indented(tokens) {
  let depth = 0;
  let out = "";
  tokens.forEach((token, at) => {
    const before = tokens[at - 1];
    if ("]}".includes(token)) {
      depth -= 1;
      if (!"[{".includes(before)) out += "\n" + "  ".repeat(depth);
    } else if (before !== undefined && ("[{".includes(before) || before === ",")) {
      out += "\n" + "  ".repeat(depth);
    }
    out += token === ":" ? ": " : token;
    if ("[{".includes(token)) depth += 1;
  });
  return out;
}

function seconds(value) {
  if (value === null || value === undefined) return "";
  if (value >= 100) return value.toFixed(0) + " s";
  if (value >= 1) return value.toFixed(2) + " s";
  return value >= 0.001 ? (value * 1000).toFixed(value < 0.01 ? 1 : 0) + " ms" : value === 0 ? "0 s" : "<1 ms";
}

function dollars(value) {
  if (value === null || value === undefined) return "";
  let digits = 2;
  while (digits < 7 && value && Math.abs(value) < 10 ** (2 - digits)) digits += 1;
  return "$" + value.toFixed(digits);
}

// A moment as it is written in the report, to the minute.
function moment(text) {
  return text.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d(\.\d+)?)?(Z|\+00:00)$/, "$1 $2 UTC");
}

function number(value) {
  return value === null ? "" : String(Number(value.toPrecision(3)));
}

function count(value, noun) {
  return value.toLocaleString("en") + " " + noun + (value === 1 ? "" : "s");
}
