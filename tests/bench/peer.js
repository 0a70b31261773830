// The same answers from Node, to compare with: `node peer.js PORT`.
const http = require('node:http');

const server = http.createServer((request, response) => {
  response.setHeader('content-type', 'text/plain');
  response.end('Hello, World!');
});

try {
  const { WebSocketServer } = require('ws');
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
} catch {
  // Without the package ws, Node is a peer for HTTP only.
}

server.keepAliveTimeout = 75_000;
server.listen(Number(process.argv[2]), '127.0.0.1');
