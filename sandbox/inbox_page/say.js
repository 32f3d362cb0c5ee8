// How one message is told in words, in the list as in the detail.

import { knows, make, word } from "./words.js";

// type -> the name of its colour; a type that is not here is grey, and still named
const COLOURS = {
  verified: "good", rejected: "bad", requires_input: "wait", requires_review: "wait", processing: "busy",
  errored: "bad", "webhook_endpoint.disabled": "bad", "webhook_endpoint.test": "busy",
  "vendor.degraded": "wait", "vendor.recovered": "good",
};

const kind = message => (message.type ?? "").replace(/^verification\./, "");

export function stateWord(message) {
  const key = `state.${kind(message)}`;
  return knows(key) ? word(key) : message.type || word("row.unknown");
}

export function stateMark(message) {
  const colour = Object.hasOwn(COLOURS, kind(message)) ? COLOURS[kind(message)] : "plain";
  return make("span", { class: `state ${colour}`, title: message.type ?? "" }, stateWord(message));
}

export const held = message => message.signature === "verified";

export const signatureWord = message => word(held(message) ? "signature.verified" : "signature.failed");

export function signatureMark(message) {
  const sign = make("span", { "aria-hidden": "true" }, held(message) ? "✓ " : "✗ ");
  return make("span", { class: `signature ${held(message) ? "good" : "bad"}` }, sign, signatureWord(message));
}

export function statusWord(message) {
  return `${message.answered}${message.delay_s > 0 ? ` ${word("row.after", { s: message.delay_s })}` : ""}`;
}

export const answeredWord = message => word("row.answered", { status: statusWord(message) });

export const attemptWord = message => word("row.attempt", { n: message.attempt });

export function time(message, full = false) {
  const shown = new Date(message.at).toLocaleString("sv"); // 2026-11-22 07:50:20 in the reader's zone, read alike everywhere
  return make("time", { datetime: message.at, title: message.at }, full ? shown : shown.slice(11));
}

// What is special about an arrival, as small marks
export function marks(message) {
  return [
    message.again_of && make("span", { class: "mark" }, word("row.again", { n: message.again_of })),
    message.repeat && make("span", { class: "mark", title: word("row.repeat.long") }, word("row.repeat")),
  ].filter(Boolean);
}
