// The page: keeps what it was told, listens for more, and hands both to the list and the detail.

import { ask } from "./ask.js";
import * as detail from "./detail.js";
import * as list from "./list.js";
import { signatureWord, stateWord } from "./say.js";
import { language, other, speak, word } from "./words.js";

const AGAIN_MS = 2000;
const at = id => document.getElementById(id);
let messages = [], settings = { secrets: 0, facegate: false, behaviour: { times: 0 }, kept: 0 };
let selected = Number(location.hash.slice(1)) || null, shown = null, live = false;

function listen() {
  const source = new EventSource("/arrivals");
  const on = (what, then) => source.addEventListener(what, event => then(JSON.parse(event.data)));
  on("everything", told => { tellLine(true); everything(told); });
  on("arrived", arrived);
  on("settings", changed);
  source.onopen = () => tellLine(true);
  source.onerror = () => {
    tellLine(false);
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN_MS); // it gives up by itself on a wrong answer
  };
}

function everything(told) {
  ({ messages, settings } = told);
  list.rebuild(messages, open, selected);
  tellSettings();
  tellLine(live);
  openAgain();
}

function changed(told) {
  const introduced = told.facegate !== settings.facegate;
  settings = told;
  tellSettings();
  if (introduced) openAgain();
}

function arrived(told) {
  const { message } = told, first = messages.length === 0;
  messages.push(message);
  settings = told.settings;
  while (messages.length > settings.kept) list.drop(messages.shift());
  list.add(message, messages, open);
  tellSettings();
  tellLine(live);
  const words = { state: stateWord(message), about: message.about ?? message.id, signature: signatureWord(message) };
  at("said").textContent = word("list.arrived", words);
  if (shown && selected === shown.number) detail.timeline(shown, messages, open);
  else if (first && !selected) detail.welcome(false);
}

async function open(number, focus = true) {
  selected = number;
  history.replaceState(null, "", `#${number}`);
  list.mark(number);
  document.body.dataset.shows = "detail";
  const { told } = await ask("GET", `/messages/${number}`);
  if (selected !== number) return;
  shown = told ?? null;
  if (!told) return detail.gone();
  detail.show(told, messages, settings, { open, back });
  if (focus) at("detail-title").focus();
}

// After a new connection or another language: the same message, and the focus where it was
function openAgain() {
  if (selected && messages.some(message => message.number === selected)) {
    const focused = at("detail").contains(document.activeElement) ? document.activeElement.id : null;
    return open(selected, false).then(() => { if (focused) at(focused)?.focus(); });
  }
  selected = shown = null;
  history.replaceState(null, "", location.pathname);
  document.body.dataset.shows = "list";
  detail.welcome(messages.length === 0);
}

function back() {
  const number = selected;
  selected = null;
  list.mark(null);
  openAgain();
  list.buttonOf(number)?.focus();
}

function tellLine(now) {
  live = now;
  at("line").dataset.live = live;
  const text = live ? `${word("line.live")} · ${word("list.count", { n: messages.length })}` : word("line.lost");
  if (at("line").textContent !== text) at("line").textContent = text;
}

function tellSettings() {
  const { times, status, delay_s } = settings.behaviour;
  at("behaviour-now").textContent = times > 0 ? word("behaviour.now", { n: times, status, s: delay_s }) : word("behaviour.usual");
  at("secret-now").textContent = word("secret.now", { n: settings.secrets });
  at("clear-now").textContent = word("clear.hint", { kept: settings.kept });
}

function tellAll(wanted) {
  speak(wanted);
  everything({ messages, settings });
}

function sendForm(id, path, read, hint) {
  at(id).addEventListener("submit", async event => {
    event.preventDefault();
    const { error } = await ask("POST", path, read(new FormData(event.target)));
    if (error) at(hint).textContent = error;
    else if (id === "secret") event.target.reset();
  });
}

const NUMBERS = ["times", "status", "delay_s"];
sendForm("behaviour", "/behaviour", form => Object.fromEntries(NUMBERS.map(name => [name, Number(form.get(name))])), "behaviour-now");
sendForm("secret", "/secrets", form => ({ secret: form.get("secret").trim() }), "secret-now");
at("clear").addEventListener("click", () => ask("DELETE", "/messages"));
at("language").addEventListener("click", () => tellAll(other()));
at("tools-button").addEventListener("click", event => {
  at("tools").hidden = !at("tools").hidden;
  event.target.setAttribute("aria-expanded", String(!at("tools").hidden));
});
at("filter").addEventListener("submit", event => event.preventDefault());
at("filter").addEventListener("input", () => list.sift(messages));

// Keys: arrows in the list, / to the filter, Esc back to the list
at("list").addEventListener("keydown", event => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) { event.preventDefault(); list.step(by); }
});
document.addEventListener("keydown", event => {
  const writes = event.target.matches("input, select");
  if (event.key === "Escape" && !writes && selected) back();
  if (event.key === "/" && !writes) { event.preventDefault(); at("filter-text").focus(); }
});

speak(language);
listen();
