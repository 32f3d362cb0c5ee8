// Facegate's webhooks for Express: npm install express standardwebhooks, then
// FACEGATE_WEBHOOK_SECRET=whsec_... node receiver.mjs
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import express from "express";
import { Webhook } from "standardwebhooks";

const { FACEGATE_WEBHOOK_SECRET, RECEIVER_BOOK = "webhooks.jsonl", PORT = "8000" } = process.env;
const webhook = new Webhook(FACEGATE_WEBHOOK_SECRET);
const seen = new Set(), newest = new Map(); // what the book holds: ids, and the last sequence of each verification

// True where the event tells something new.
function take({ id, data: { verification: told } }) {
  if (seen.has(id)) return false;
  seen.add(id);
  if (!told || told.sequence <= (newest.get(told.id) ?? 0)) return false;
  newest.set(told.id, told.sequence);
  return true;
}

// One line for each event, on the disk before the answer. A line that was cut off was not answered, and comes again.
function keep(event) {
  if (seen.has(event.id)) return;
  appendFileSync(RECEIVER_BOOK, "\n" + JSON.stringify(event), { flush: true });
  if (take(event)) console.log(event.data.verification.id, event.data.verification.status);
}

for (const line of existsSync(RECEIVER_BOOK) ? readFileSync(RECEIVER_BOOK, "utf8").split("\n") : []) {
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
app.use((error, request, response, next) => response.sendStatus(error.status ?? 500)); // 413; 500 where the disk is full
app.listen(Number(PORT), "127.0.0.1");
