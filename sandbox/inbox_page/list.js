// The list: one button for each message, newest first; what does not fit the filter is hidden.

import { answeredWord, attemptWord, held, marks, signatureMark, stateMark, time } from "./say.js";
import { make } from "./words.js";

const list = document.getElementById("list");
const text = document.getElementById("filter-text");
const signature = document.getElementById("filter-signature");
const noMatch = document.getElementById("no-match");

export function rebuild(messages, open, selected) {
  const focused = list.contains(document.activeElement) ? Number(document.activeElement.dataset.number) : null;
  list.replaceChildren(...messages.map(message => item(message, open)).reverse());
  mark(selected);
  if (focused) buttonOf(focused)?.focus();
  sift(messages);
}

export function add(message, messages, open) {
  const made = item(message, open);
  made.classList.add("new");
  list.prepend(made);
  sift(messages);
}

export function drop(message) {
  buttonOf(message.number)?.parentElement.remove();
}

export function mark(selected) {
  for (const each of list.querySelectorAll("[aria-current]")) each.removeAttribute("aria-current");
  buttonOf(selected)?.setAttribute("aria-current", "true");
}

export function sift(messages) {
  const wanted = new Map(messages.map(message => [message.number, fits(message)]));
  for (const each of list.children) each.hidden = !wanted.get(Number(each.firstChild.dataset.number));
  noMatch.hidden = messages.length === 0 || [...wanted.values()].some(Boolean);
}

export function step(by) {
  const shown = [...list.querySelectorAll("li:not([hidden]) > button")];
  const at = shown.indexOf(document.activeElement);
  shown[Math.min(Math.max(at + by, 0), shown.length - 1)]?.focus();
}

export const buttonOf = number => list.querySelector(`button[data-number="${Number(number)}"]`);

function fits(message) {
  const words = [message.type, message.name, message.id, message.about, message.verification].join(" ").toLowerCase();
  const named = text.value.toLowerCase().split(/\s+/).every(each => words.includes(each));
  return named && (!signature.value || (signature.value === "verified") === held(message));
}

function item(message, open) {
  const button = make("button", { type: "button", "data-number": message.number, onclick: () => open(message.number) },
    make("span", { class: "first" }, stateMark(message), ...marks(message), time(message)),
    make("span", { class: "about" }, message.about ?? message.id),
    make("span", { class: "last" }, signatureMark(message), dot(), message.name, dot(), attemptWord(message), dot(),
      make("span", { class: message.answered < 300 ? "" : "bad" }, answeredWord(message))));
  return make("li", {}, button);
}

const dot = () => make("span", { class: "dot", "aria-hidden": "true" }, " · ");
