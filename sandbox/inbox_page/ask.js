// Asks the inbox. `{told}` is its answer, `{error}` why there is none, ready to be shown.

import { word } from "./words.js";

export async function ask(method, path, body) {
  const sent = body ? { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } } : {};
  try {
    const answer = await fetch(path, { method, ...sent });
    const told = await answer.json().catch(() => null);
    return answer.ok ? { told } : { error: word("refused", { error: told?.error ?? answer.status }) };
  } catch {
    return { error: word("line.lost") };
  }
}
