// Lines that are too long are broken where an author would break them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wrap } from '../tools/wrap.mjs'

test('a line that fits stays as it is', () => {
  assert.deepEqual(wrap('  return true;', 14), ['  return true;'])
})

test('what follows hangs further to the right than the line begins', () => {
  assert.deepEqual(wrap('  if (open) open = co_await fill();', 22), [
    '  if (open) open =',
    '      co_await fill();',
  ])
})

test('a string is kept whole where that is possible', () => {
  assert.deepEqual(wrap('if (!ok) throw Error(400, "one space");', 32), [
    'if (!ok) throw Error(400,',
    '    "one space");',
  ])
  assert.deepEqual(wrap('f("one two three");', 12), ['f("one two', '    three");'])
})

test('a comment behind the code goes below it', () => {
  assert.deepEqual(wrap('a = b;  // what it is for', 22), ['a = b;', '    // what it is for'])
})

test('a comma or an operator in the second half is the better place', () => {
  assert.deepEqual(wrap('void f(int one, int two, int three) {', 30), [
    'void f(int one, int two,',
    '    int three) {',
  ])
  assert.deepEqual(wrap('head -c 50000 x | nc 127.0.0.1 8000', 25), [
    'head -c 50000 x',
    '    | nc 127.0.0.1 8000',
  ])
})

test('a comma between the arguments is better than one within an argument', () => {
  assert.deepEqual(wrap('await read(free_space(), error(use, ec));', 34), [
    'await read(free_space(),',
    '    error(use, ec));',
  ])
})

test('a text in two columns is broken between them', () => {
  assert.deepEqual(wrap('FAIL  it echoes               [RFC 1]', 32), [
    'FAIL  it echoes',
    '    [RFC 1]',
  ])
})

test('a word that is too long is not broken', () => {
  assert.deepEqual(wrap('x'.repeat(30), 20), ['x'.repeat(30)])
})
