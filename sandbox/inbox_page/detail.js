// One message, whole: what it says of itself, all that is about the same, the body as it reads and as it came.

import { answeredWord, attemptWord, held, marks, signatureMark, signatureWord, stateMark, statusWord, time } from "./say.js";
import { make, word } from "./words.js";
import { dump, pretty } from "./body.js";
import { ask } from "./ask.js";

const detail = document.getElementById("detail");

export function welcome(empty) {
  detail.replaceChildren(empty ? firstSteps() : make("p", { class: "note" }, word("empty.choose"), make("br"), word("empty.keys")));
}

export function gone() {
  detail.replaceChildren(make("p", { class: "note" }, word("detail.gone")));
}

export function show(message, messages, settings, { open, back }) {
  detail.replaceChildren(
    make("button", { type: "button", class: "plain back", onclick: back }, "← ", word("detail.back")),
    make("h2", { id: "detail-title", tabindex: "-1" }, stateMark(message), make("span", { class: "number" }, `#${message.number}`), ...marks(message)),
    facts(message), make("div", { class: "beside" }, once(message, settings), make("div", { id: "timeline" })),
    contents(message), headers(message));
  detail.setAttribute("aria-labelledby", "detail-title");
  timeline(message, messages, open);
}

export function timeline(message, messages, open) {
  const about = messages.filter(each => message.about !== null && each.about === message.about);
  const title = word("timeline.title", { about: message.about });
  const line = make("ol", { class: "timeline", "aria-label": title }, ...about.map(each => stop(each, message, open)));
  const place = document.getElementById("timeline");
  const focused = [...place.querySelectorAll("button")].indexOf(document.activeElement);
  place.replaceChildren(...(about.length > 1 ? [make("h3", {}, title), line] : []));
  place.querySelectorAll("button")[focused]?.focus();
}

function stop(each, message, open) {
  const sequence = each.sequence === null ? "" : make("span", { class: "sequence" }, String(each.sequence));
  const here = each.number === message.number ? { "aria-current": "true", title: word("timeline.here") } : {};
  const failed = held(each) ? "" : make("span", { class: "bad" }, `✗ ${signatureWord(each)}`);
  return make("li", {}, make("button", { type: "button", class: "plain", onclick: () => open(each.number), ...here },
    time(each), sequence, stateMark(each), attemptWord(each), " · ", answeredWord(each), failed, ...marks(each)));
}

function facts(message) {
  const answered = make("span", { class: message.answered < 300 ? "good" : "bad" }, statusWord(message));
  const why = held(message) ? "" : make("span", { class: "why" }, word(`why.${message.why}`), make("code", {}, message.signature));
  const rows = [
    ["fact.signature", make("span", {}, signatureMark(message), why)],
    ["fact.answered", answered], ["fact.attempt", String(message.attempt)], ["fact.at", time(message, true)],
    ["fact.name", message.name], ["fact.type", message.type], ["fact.sequence", message.sequence === null ? null : String(message.sequence)],
    ["fact.about", id(message.about)], ["fact.id", id(message.id)],
  ];
  return make("dl", { class: "facts" }, ...rows.filter(row => row[1]).map(([key, value]) =>
    make("div", {}, make("dt", {}, word(key)), make("dd", {}, value))));
}

const id = text => text && make("code", {}, text);

function once(message, settings) {
  const said = make("p", { class: "hint", role: "status", id: "once-said" });
  const here = make("button", { type: "button", id: "resend", "aria-describedby": "resend-hint", onclick: () => resend(message, said) }, word("resend.do"));
  const anew = make("button", { type: "button", id: "redeliver", class: "second", disabled: !settings.facegate, "aria-describedby": "redeliver-hint", onclick: () => redeliver(message, said) }, word("redeliver.do"));
  return make("div", { class: "once" }, make("h3", {}, word("resend.title")),
    make("p", { class: "fields" }, here, anew), said,
    make("p", { class: "hint", id: "resend-hint" }, word("resend.hint")),
    make("p", { class: "hint", id: "redeliver-hint" }, word(settings.facegate ? "redeliver.hint" : "redeliver.unknown")));
}

async function resend(message, said) {
  const { told, error } = await ask("POST", `/messages/${message.number}/resend`);
  said.textContent = error ?? word("resend.done", { n: told.number, signature: signatureWord(told) });
}

async function redeliver(message, said) {
  const { told, error } = await ask("POST", `/messages/${message.number}/redeliver`);
  const answer = told && word(told.status === null ? "redeliver.silent" : "redeliver.said", told);
  said.replaceChildren(error ?? answer, told?.status >= 300 ? make("code", {}, told.said) : "");
}

function contents(message) {
  const raw = Uint8Array.from(atob(message.body_base64), each => each.charCodeAt(0));
  const save = make("a", { href: `/messages/${message.number}/body`, download: true }, word("bytes.save"));
  return make("div", { class: "contents" },
    make("section", {}, make("h3", {}, word("body.title")), pretty(message.body)),
    make("section", {}, make("h3", {}, word("bytes.title"), make("small", {}, word("bytes.size", { n: raw.length }), " · ", save)), dump(raw)));
}

function headers(message) {
  const rows = Object.entries(message.headers).sort().map(([name, value]) =>
    make("tr", { class: name.startsWith("webhook-") ? "ours" : null }, make("th", { scope: "row" }, name), make("td", {}, value)));
  return make("section", {}, make("h3", {}, word("headers.title")), make("table", {}, make("tbody", {}, ...rows)));
}

function firstSteps() {
  const address = make("code", {}, `${location.origin}/hooks/my-app`);
  return make("div", { class: "first-steps" }, make("h2", {}, word("empty.title")), make("ol", {},
    make("li", {}, word("empty.one"), make("br"), address), make("li", {}, word("empty.two")), make("li", {}, word("empty.three"))));
}
