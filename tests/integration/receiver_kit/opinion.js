// npm standardwebhooks as an opinion: questions as JSON on standard input, answers as JSON on standard output.
const { readFileSync } = require("node:fs");
const { Webhook } = require("standardwebhooks");

const ask = {
  sign: ({ secret, id, signed_at, body }) => new Webhook(secret).sign(id, new Date(signed_at * 1000), body),
  verify: ({ secret, headers, body, now }) => {
    Date.now = () => now * 1000;
    try { new Webhook(secret).verify(Buffer.from(body), headers, { jsonParse: false }); } catch { return false; }
    return true;
  },
};
const { word, questions } = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(questions.map(ask[word])));
