import { readFile } from "node:fs/promises";
const { FACEGATE_URL, FACEGATE_API_KEY, PHOTO, LIVE } = process.env;
const api = (path, body) => fetch(`${FACEGATE_URL}/v1/verifications${path}`, {
  method: body ? "POST" : "GET", body: body && JSON.stringify(body),
  headers: { Authorization: `Bearer ${FACEGATE_API_KEY}`, "Content-Type": "application/json" } }).then(r => r.json());
const consent = { notice_version: "2026-10", accepted_at: new Date().toISOString() };
const { id, uploads } = await api("", { kind: "liveness_compare", consent });
for (const [slot, file] of Object.entries({ live_data: LIVE, photo: PHOTO }))
  await fetch(uploads[slot].url, { method: "PUT", headers: uploads[slot].headers, body: await readFile(file) });
let seen = await api(`/${id}/submit`, {});
while (seen.status === "processing") { await new Promise(done => setTimeout(done, 1000)); seen = await api(`/${id}`); }
console.log(seen.status, seen.result);
