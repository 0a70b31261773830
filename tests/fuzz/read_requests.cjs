// Reads requests, each a line of hexadecimal digits, and prints for each what llhttp, the parser of
// Node, understands: see differential.py.
"use strict";
process.removeAllListeners("warning"); // that _http_common is Node's own
const { HTTPParser, methods } = require("_http_common");
const readline = require("readline");

class Reading {
  fields = [];
  target = "";
  body = [];
  complete = false;

  constructor(input) {
    const parser = new HTTPParser();
    parser.initialize(HTTPParser.REQUEST, {}, 1 << 20);
    parser[HTTPParser.kOnHeaders] = (fields, target) => this.addFields(fields, target);
    parser[HTTPParser.kOnHeadersComplete] = (major, minor, fields, method, target) => {
      this.addFields(fields || [], target || "");
      this.line = `${methods[method]} ${this.target} ${major}.${minor}\n`;
    };
    parser[HTTPParser.kOnBody] = (buffer, start = 0, size = buffer.length) => {
      if (!this.complete) this.body.push(Buffer.from(buffer.subarray(start, start + size)));
    };
    parser[HTTPParser.kOnMessageComplete] = () => {
      this.result ??= this.understood();
      this.complete = true;
    };
    const end = parser.execute(input);
    this.result ??= end instanceof Error ? `refused ${end.code}` : "incomplete";
  }

  addFields(fields, target) {
    if (this.line) return; // of the trailers, or of the next request
    this.fields.push(...fields);
    this.target += target;
  }

  understood() {
    let text = this.line;
    for (let i = 0; i < this.fields.length; i += 2) {
      text += `${this.fields[i].toLowerCase()}: ${this.fields[i + 1]}\n`;
    }
    const head = Buffer.from(text + "\n", "latin1");
    return "read " + Buffer.concat([head, ...this.body]).toString("hex");
  }
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  console.log(new Reading(Buffer.from(line, "hex")).result);
});
