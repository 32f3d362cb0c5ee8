// Node as it was before 20.10, whose appendFileSync knows no `flush`; it says when something is on the disk.
const fs = require("node:fs");
const { appendFileSync, fsyncSync } = fs;
fs.appendFileSync = (file, text) => appendFileSync(file, text);
fs.fsyncSync = file => { fsyncSync(file); console.log("flushed now"); };
require("node:module").syncBuiltinESMExports();
