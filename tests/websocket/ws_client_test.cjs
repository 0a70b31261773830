#!/usr/bin/env node
// A client that others have written, Node's `ws`, talks with a program.
//
// usage: ws_client_test.cjs PROGRAM
//
// Exit status 77, which CTest shows as skipped: this Node has no `ws`.
'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');

let WebSocket;
try {
  WebSocket = require('ws');
} catch {
  console.log('SKIPPED: this Node has no module `ws` (Debian: node-ws)');
  process.exit(77);
}

const MIB = 1024 * 1024;

// What comes from a socket, in its order: nothing is lost between two calls of next().
class Client {
  constructor(url, protocols = [], options = {}) {
    this.socket = new WebSocket(url, protocols, { maxPayload: 64 * MIB, ...options });
    this.events = [];
    this.wake = () => {};
    const add = (...event) => { this.events.push(event); this.wake(); };
    this.socket.on('open', () => add('open'));
    this.socket.on('message', (data, isBinary) => add(isBinary ? 'binary' : 'text', data));
    this.socket.on('pong', (data) => add('pong', data.toString()));
    this.socket.on('close', (code, reason) => add('close', code, reason.toString()));
    this.socket.on('unexpected-response', (_, response) => add('status', response.statusCode));
    this.socket.on('error', (error) => add('error', error.message));
  }

  async next() {
    while (this.events.length === 0) await new Promise((resolve) => { this.wake = resolve; });
    return this.events.shift();
  }

  async opened() {
    assert.deepEqual(await this.next(), ['open']);
    return this;
  }
}

const tests = {
  async 'text and binary come back as they were'(url) {
    for (const perMessageDeflate of [true, false]) {
      const client = await new Client(`${url}/ws/echo`, [], { perMessageDeflate }).opened();
      const compressed = client.socket.extensions.includes('permessage-deflate');
      assert.equal(compressed, perMessageDeflate);
      for (const text of ['', 'größer', 'x'.repeat(MIB)]) {
        client.socket.send(text);
        const [kind, data] = await client.next();
        assert.equal(kind, 'text');
        assert.ok(data.toString() === text);
      }
      for (const bytes of [Buffer.alloc(0), Buffer.from([0, 255]), Buffer.alloc(16 * MIB, 7)]) {
        client.socket.send(bytes);
        const [kind, data] = await client.next();
        assert.equal(kind, 'binary');
        assert.ok(data.equals(bytes));
      }
      client.socket.terminate();
    }
  },

  async 'fragments are joined, a ping between them is answered'(url) {
    const client = await new Client(`${url}/ws/echo`).opened();
    client.socket.send('a', { fin: false });
    client.socket.ping('between');
    client.socket.send('bc', { fin: false });
    client.socket.send('d', { fin: true });
    assert.deepEqual(await client.next(), ['pong', 'between']);
    const [kind, data] = await client.next();
    assert.deepEqual([kind, data.toString()], ['text', 'abcd']);
    client.socket.terminate();
  },

  async 'the Close is answered with its code and reason'(url) {
    for (const [code, reason] of [[1000, ''], [1001, 'größer'], [4999, 'x'.repeat(123)]]) {
      const client = await new Client(`${url}/ws/echo`).opened();
      client.socket.close(code, reason);
      assert.deepEqual(await client.next(), ['close', code, reason]);
    }
  },

  async 'a message that is too large is refused with 1009'(url) {
    const client = await new Client(`${url}/ws/echo`).opened();
    client.socket.send(Buffer.alloc(16 * MIB + 1));
    assert.deepEqual((await client.next()).slice(0, 2), ['close', 1009]);
  },

  async 'a subprotocol is chosen'(url) {
    const client = await new Client(`${url}/ws/subprotocol`, ['v1.demo', 'v2.demo']).opened();
    assert.equal(client.socket.protocol, 'v2.demo');
    const [, data] = await client.next();
    assert.equal(data.toString(), 'v2.demo');
    assert.deepEqual((await client.next()).slice(0, 2), ['close', 1000]);
  },

  async 'a WebSocket that is denied has the status of the answer'(url) {
    for (const [path, status] of [['/ws/deny', 401], ['/ws/nothing', 403]]) {
      const client = new Client(url + path);
      assert.deepEqual(await client.next(), ['status', status]);
      client.socket.terminate();
    }
  },
};

async function main() {
  const server = spawn(process.argv[2], ['--port', '0', '--no-access-log'],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  const [ready] = await once(server.stdout, 'data');
  const url = ready.toString().trim().split(' ').at(-1).replace('http:', 'ws:');
  let failed = 0;
  for (const [name, run] of Object.entries(tests)) {
    try {
      await run(url);
      console.log(`ok    ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${name}\n${error.stack}`);
    }
  }
  server.kill('SIGTERM');
  assert.deepEqual(await once(server, 'exit'), [0, null]);
  process.exit(failed === 0 ? 0 : 1);
}

main();
