// The paths of step 03, by Node's own server.   node node.cjs PORT
const http = require("node:http");

function respond(response, status, content, fields = {}) {
  const length = Buffer.byteLength(content);
  response.writeHead(status, {"content-type": "text/plain", "content-length": length, ...fields});
  response.end(content);
}

function reflect(request, response) {
  let text = `${request.method} ${request.url} HTTP/${request.httpVersion}\n`;
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    text += `${request.rawHeaders[i].toLowerCase()}: ${request.rawHeaders[i + 1]}\n`;
  }
  respond(response, 200, Buffer.from(text, "latin1"));
}

function echo(request, response) {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    const type = request.headers["content-type"] ?? "application/octet-stream";
    respond(response, 200, Buffer.concat(pieces), {"content-type": type});
  });
}

const server = http.createServer((request, response) => {
  const path = request.url.split("?")[0];
  const known = ["GET", "HEAD"].includes(request.method);
  if (path === "/reflect") return reflect(request, response);
  if (path === "/echo") return echo(request, response);
  if (path !== "/") return respond(response, 404, "there is nothing at this path\n");
  if (known) return respond(response, 200, "Hello, World!");
  respond(response, 405, "this path has GET and HEAD only\n", {allow: "GET, HEAD"});
});
server.listen(Number(process.argv[2]), "127.0.0.1");
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    server.close();
    server.closeIdleConnections();
  });
}
