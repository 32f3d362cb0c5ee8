// The texts, all from one table; and the only way in which this page makes elements: text is set as text.

const TABLE = await (await fetch("/page/words.json")).json();
const KEPT_AS = "facegate-inbox-language";
const LANGUAGES = { en: "English", zh: "中文" };

export let language = chosen() ?? (navigator.language.startsWith("zh") ? "zh" : "en");

export function word(key, values = {}) {
  const text = TABLE[key]?.[language] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const knows = key => Object.hasOwn(TABLE, key);

export function other() {
  return language === "en" ? "zh" : "en";
}

export function speak(wanted) {
  language = wanted;
  try { localStorage.setItem(KEPT_AS, wanted); } catch { /* a browser that keeps nothing */ }
  document.documentElement.lang = language;
  document.title = word("title");
  const button = document.getElementById("language");
  button.lang = other();
  button.textContent = LANGUAGES[other()];
  fill(document);
}

function fill(root) {
  for (const each of root.querySelectorAll("[data-word]")) each.textContent = word(each.dataset.word);
  for (const each of root.querySelectorAll("[data-label]")) each.setAttribute("aria-label", word(each.dataset.label));
  for (const each of root.querySelectorAll("[data-hint]")) each.placeholder = word(each.dataset.hint);
}

function chosen() {
  try {
    const kept = localStorage.getItem(KEPT_AS);
    return kept in LANGUAGES ? kept : null;
  } catch {
    return null;
  }
}

// make("p", {class: "note"}, "text", another): strings become text, never markup
export function make(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...inside.filter(each => each !== null && each !== undefined && each !== ""));
  return made;
}
