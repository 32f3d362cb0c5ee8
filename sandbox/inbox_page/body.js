// A body as it reads (JSON, indented and coloured) and as it came (its bytes).

import { make, word } from "./words.js";

const COLOURED = 50_000, DUMPED = 4096, ROW = 16;
const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d[\d.eE+-]*/g;

export function pretty(text) {
  let value;
  try { value = JSON.parse(text); } catch { return make("p", { class: "note" }, word("body.none")); }
  const shown = JSON.stringify(value, null, 2);
  const inside = shown.length > COLOURED ? [shown] : coloured(shown);
  return make("pre", { class: "json", tabindex: "0", "aria-label": word("body.title") }, ...inside);
}

function coloured(shown) {
  const made = [];
  let at = 0;
  for (const found of shown.matchAll(TOKEN)) {
    made.push(shown.slice(at, found.index), token(found));
    at = found.index + (found[2] ? found[1].length : found[0].length);
  }
  return [...made, shown.slice(at)];
}

function token([whole, text, colon]) {
  return make("span", { class: colon ? "key" : text ? "text" : "value" }, colon ? text : whole);
}

export function dump(raw) {
  const rows = [];
  for (let at = 0; at < Math.min(raw.length, DUMPED); at += ROW) rows.push(row(raw, at));
  if (raw.length > DUMPED) rows.push(word("bytes.more", { n: raw.length - DUMPED }));
  return make("pre", { class: "bytes", tabindex: "0", "aria-label": word("bytes.title") }, rows.join("\n"));
}

function row(raw, at) {
  const part = [...raw.slice(at, Math.min(at + ROW, DUMPED))];
  const hex = part.map(each => each.toString(16).padStart(2, "0")).join(" ").padEnd(ROW * 3 - 1);
  const text = part.map(each => (each > 31 && each < 127 ? String.fromCharCode(each) : ".")).join("");
  return `${at.toString(16).padStart(4, "0")}  ${hex}  ${text}`;
}
