// Facegate's webhooks for Express: npm install express standardwebhooks, then
// FACEGATE_WEBHOOK_SECRET=whsec_... node receiver.mjs
import { appendFileSync, fsyncSync, openSync, readFileSync } from "node:fs";
import express from "express";
import { Webhook } from "standardwebhooks";

const { FACEGATE_WEBHOOK_SECRET = "", RECEIVER_BOOK = "webhooks.jsonl", PORT = "8000" } = process.env;
const key = Buffer.from(FACEGATE_WEBHOOK_SECRET.replace(/^whsec_/, ""), "base64");
if (key.length < 24) throw new Error("set FACEGATE_WEBHOOK_SECRET to whsec_..."); // a short key can be guessed
const webhook = new Webhook(FACEGATE_WEBHOOK_SECRET);
const book = openSync(RECEIVER_BOOK, "a");
const seen = new Set(), newest = new Map(); // what the book holds: ids, and the last sequence of each verification

// What is new by this event, in words.
function take({ id, type, data: { verification: told } }) {
  seen.add(id);
  if (!told) return `${id} ${type}`;
  if (told.sequence <= (newest.get(told.id) ?? 0)) return;
  newest.set(told.id, told.sequence);
  return `${told.id} ${told.status}`;
}

// One line for each event, on the disk before the answer. A line that was cut off was not answered, and comes again.
function keep(event) {
  if (seen.has(event.id)) return;
  appendFileSync(book, "\n" + JSON.stringify(event));
  fsyncSync(book);
  const news = take(event);
  if (news) console.log(news);
}

for (const line of readFileSync(RECEIVER_BOOK, "utf8").split("\n")) {
  try { take(JSON.parse(line)); } catch { continue; }
}

const app = express();
const raw = express.raw({ type: () => true, limit: 65536, inflate: false }); // the raw bytes are what was signed
app.post("/webhooks/facegate", raw, (request, response) => {
  let event;
  try { event = webhook.verify(request.body, request.headers); } catch { return response.sendStatus(400); }
  keep(event);
  response.sendStatus(204);
});
app.use((error, request, response, next) => response.sendStatus(error.status ?? 500)); // 413, or 500 on a full disk
app.listen(Number(PORT), "127.0.0.1");
