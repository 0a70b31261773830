// What a slide must not show: each fault is planted, and is told with its file, line and slide.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { BrokenDeck, buildDeck } from '../tools/build.mjs'
import { exercisesOf } from '../tools/exercise.mjs'
import { movesOf, stepsOf } from '../tools/moves.mjs'
import { partsOf, tableOf, withPlans } from '../tools/plan.mjs'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'deck-'))
after(() => fs.rmSync(folder, { recursive: true }))

const SOURCES = {
  'step01_one/src/session.cpp': `// Reads and writes.
awaitable<void> serve(Connection& connection) {
  bool open = co_await connection.fill();
  while (open) {
    connection.output() += connection.input();
    open = co_await connection.fill();
  }
}

int twice() { return 1; }
namespace b { int twice() { return 2; } }
void wide() { ${'x'.repeat(101)}; }
void high() {\n${'  x();\n'.repeat(17)}}
`,
  'step02_two/src/session.cpp':
    'awaitable<void> serve(Connection& connection) {\n  co_return;\n}\n',
  'step01_one/CMakeLists.txt': '',
  'step02_two/CMakeLists.txt': '',
  'step02_two/moves/1_nothing_but_to_end.patch': `Title: Nothing
Minutes: 5
Take over: src/http/odd.cpp
See: it ends

diff --git a/src/session.cpp b/src/session.cpp
--- a/src/session.cpp
+++ b/src/session.cpp
@@ -1,10 +1,5 @@
-// Reads and writes.
 awaitable<void> serve(Connection& connection) {
-  bool open = co_await connection.fill();
-  while (open) {
-    connection.output() += connection.input();
-    open = co_await connection.fill();
-  }
+  co_return;
 }
 
 int twice() { return 1; }
`,
  'step02_two/src/http/odd.cpp': 'int odd;\n',
  'tests/exercises/exercises.py': 'print("  1a  one thing\\n  1b  another")\n',
  'tests/ladder/ladder.ini':
    '[step01_one]\nfiles =\n  + src/session.cpp\n' +
    '[step02_two]\nfiles =\n  + src/http/odd.cpp\n  ~ src/session.cpp\n',
}
const repository = path.join(folder, 'repository')
fs.cpSync(path.join(root, 'tests/moves'), path.join(repository, 'tests/moves'), { recursive: true })
for (const [file, text] of Object.entries(SOURCES)) {
  fs.mkdirSync(path.dirname(path.join(repository, file)), { recursive: true })
  fs.writeFileSync(path.join(repository, file), text)
}

const CODE = '@code step01_one/src/session.cpp#serve'
const slide = (...lines) => ['# A title', '@minutes 1', ...lines, '<!-- Notes. -->', ''].join('\n')

// Builds a deck of this text, 10-deck.md.
function build(text, deck = 'full') {
  const directory = fs.mkdtempSync(path.join(folder, 'deck-'))
  fs.writeFileSync(path.join(directory, '10-deck.md'), text)
  return buildDeck({ repository, directory, deck })
}

// The faults of a deck of this text, without their places.
function faults(text) {
  try {
    build(text)
  } catch (error) {
    assert.ok(error instanceof BrokenDeck, error.stack)
    return error.message.split('\n')
  }
  return []
}

// A slide of these lines, which begin in line 3, has this fault in this line.
function isFault(line, message, ...lines) {
  const [found, ...more] = faults(slide(...lines))
  assert.ok(found, `no fault in ${lines.join(' ')}`)
  assert.deepEqual(more, [])
  const place = `slides/deck/10-deck.md:${line}: slide 1 "A title": `
  assert.ok(found.startsWith(place), `${found}\n  is not at ${place}`)
  assert.match(found.slice(place.length), message)
}

test('a slide shows the code that a step has', () => {
  const { html, slides, minutes } = build(slide(CODE))
  assert.equal(slides, 1)
  assert.equal(minutes, 1)
  assert.match(html.replace(/<[^>]+>/g, ''), /bool open = co_await connection\.fill\(\);/)
})

test('a name that is missing, ambiguous, or in no file', () => {
  isFault(
    4,
    /session\.cpp#gone: there is no 'gone'; there are: serve/,
    '',
    '@code step01_one/src/session.cpp#gone',
  )
  isFault(3, /'twice' is ambiguous: lines 10, 11/, '@code step01_one/src/session.cpp#twice')
  isFault(3, /gone\.cpp: there is no such file/, '@code step01_one/src/gone.cpp#serve')
  isFault(3, /ladder\.ini is no C\+\+ file/, '@code tests/ladder/ladder.ini#serve')
  isFault(3, /is elsewhere/, '@code ../secret.cpp#serve')
  isFault(3, /is not FILE#NAME/, '@code step01_one/src/session.cpp')
  isFault(3, /no 'gone'/, `@diff step01_one/src/session.cpp#serve step02_two/src/session.cpp#gone`)
})

const MOVE = '@move 2.1 src/session.cpp#serve'

test('a slide that morphs is a move, and says which', () => {
  const { html } = build(slide('@step step02_two', MOVE))
  assert.match(html, /<em class="typed">move 2\.1: Nothing<\/em>/)
  assert.match(html, /<b>This is move<\/b> 2\.1 Nothing \(5 min\)\. To see it: it ends/)
  isFault(3, /there is no move '2\.2'/, '@move 2.2 src/session.cpp#serve')
  isFault(
    3,
    /move 2\.1 does not change src\/session\.cpp#b::twice/,
    '@move 2.1 src/session.cpp#b::twice src/session.cpp#b::twice',
  )
  isFault(3, /there is no 'gone'/, '@move 2.1 src/session.cpp#serve src/session.cpp#gone')
  isFault(3, /@move NUMBER FILE#NAME/, '@move src/session.cpp#serve')
  isFault(4, /a slide shows one move/, MOVE, MOVE)
  isFault(3, /there is no directive @morph/, '@morph step01_one/src/session.cpp#serve')
})

test('code that is shown says by which moves it is written', () => {
  const { html } = build(slide('@step step02_two', '@code step02_two/src/session.cpp#serve'))
  assert.match(html, /<em>move 2\.1<\/em>/)
  assert.match(html, /<b>Built by:<\/b> 2\.1 Nothing \(5 min\)/)
})

test('the notes of a step say which of its moves are worth typing', () => {
  const { html } = build(slide('@step step02_two', '@type 2.1', 'text'))
  assert.match(html, /<b>By hand, on a day of its own:<\/b> 2\.1 Nothing \(5 min\); together 5 min/)
  isFault(1, /there is no move '2\.7'/, '@step step02_two', '@type 2.7', 'text')
  isFault(1, /@type 2\.1 is no move of step01_one/, '@step step01_one', '@type 2.1', 'text')
})

test('an exercise says where, what, how long and when it is done', () => {
  const exercise = (title, ...lines) =>
    `# ${title}\n@layout exercise\n@step step01_one\n@minutes 8\n\n` +
    '```exercise 1a\n' +
    `${lines.join('\n')}\n` +
    '```\n<!-- n -->\n'
  const good = ['open: src/session.cpp#serve', 'do: break it', 'first: who sees it?']
  const text = build(exercise('1a One thing', ...good)).list[0].html.replace(/<[^>]+>/g, ' ')
  for (const what of ['8 minutes', './workshop start 1', 'my_server/src/session.cpp', 'serve()'])
    assert.ok(text.includes(what), what)
  for (const what of ['break it', 'who sees it?', 'exercise 1a', 'stuck?', '1b another'])
    assert.ok(text.includes(what), what)
  const fault = (title, ...lines) => faults(exercise(title, ...lines))[0]
  assert.match(fault('1a Other', ...good), /:6: .*exercise 1a is called 'one thing'/)
  assert.match(fault('1a One thing', good[0]), /an exercise says 'do: \.\.\.'/)
  assert.match(fault('1a One thing', ...good, 'hint: no'), /cannot read 'hint: no'/)
  assert.match(fault('1a One thing', 'open: src/session.cpp#gone', good[1]), /there is no 'gone'/)
  isFault(3, /@layout exercise/, '```exercise 1a', ...good, '```')
})

test('a function that is renamed in a step leads to its slides', () => {
  const file = path.join(repository, 'step01_one/src/session.cpp'),
    source = fs.readFileSync(file, 'utf8')
  fs.writeFileSync(file, source.replace('serve(', 'serve_client('))
  isFault(4, /there is no 'serve'; there are: serve_client/, '', CODE)
  fs.writeFileSync(file, source)
})

test('a function that is named in a text, in notes or in a diagram has to be there', () => {
  isFault(3, /'gone\(\)' is named here, and not in any step/, 'See `gone()`.')
  isFault(4, /'odd\(\)' is named here, and not in step01_one/, '@step step01_one', '`a::odd(b)`')
  isFault(3, /'gone\(\)' is named here/, '```sequence', 'actors A, B', 'A -> B: gone(x)', '```')
  isFault(1, /'gone\(\)' is named here/, '<!--', 'Point at `x.gone()`.', '-->')
  assert.deepEqual(faults(slide('`serve()`, `connection.fill()` and `sleep(1)`')), [])
})

test('code that is too long or too wide', () => {
  isFault(3, /19 lines, and a slide has at most 16/, '@code step01_one/src/session.cpp#high')
  isFault(
    3,
    /a line has 118 columns, and there is space for 100: void wide/,
    '@code step01_one/src/session.cpp#wide',
  )
  isFault(4, /space for 45/, '@columns', '@code step01_one/src/session.cpp#serve', '@next', '@end')
  isFault(3, /17 lines/, '```text', ...Array(17).fill('x'), '```')
})

test('lines that are left out, and comments', () => {
  const { html } = build(slide(`${CODE} comment -/while/{}`))
  const text = html.replace(/<[^>]+>/g, '')
  assert.match(text, /\/\/ Reads and writes\.\nawaitable/)
  assert.match(text, /while \(open\) \{\n {4}\/\/ \.\.\.\n {2}\}/)
  isFault(3, /\/gone\/ is in no line/, `${CODE} -/gone/`)
  isFault(3, /no comment stands above it/, '@code step01_one/src/session.cpp#b::twice comment')
})

test('highlights that match no line, or several', () => {
  isFault(3, /\/gone\/ is in no line of the code/, `${CODE} [all | /gone/]`)
  isFault(3, /\/fill\/ is in 2 lines of the code/, `${CODE} [all | /fill/]`)
  isFault(3, /goes past the last line/, `${CODE} [/while/+9]`)
  isFault(3, /\/gone\/ is in no line after \/while\//, `${CODE} [/while/../gone/]`)
  isFault(3, /there is no '\{' in this line/, `${CODE} [/bool open/{}]`)
  isFault(3, /'3-4' is no highlight/, `${CODE} [3-4]`)
})

test('C++ that is typed by hand', () => {
  isFault(3, /C\+\+ is not typed on a slide/, '```cpp', 'int invented;', '```')
  isFault(3, /C\+\+ is not typed on a slide/, '```c++', 'int invented;', '```')
  isFault(3, /this text looks like C\+\+/, '```text', 'int invented = 3;', '```')
  isFault(3, /no fence of 'java'/, '```java', 'int invented;', '```')
  isFault(3, /no fence of ''/, '```', 'int invented;', '```')
})

test('a slide without a heading, minutes or notes', () => {
  const fault = (text) => faults(text)[0]
  assert.match(fault('text\n'), /10-deck\.md:1: slide 1: a slide begins with a heading/)
  assert.match(fault('# T\n<!-- n -->\n'), /10-deck\.md:1: slide 1 "T": .*@minutes/)
  assert.match(fault('# T\n@minutes 1\n'), /10-deck\.md:1: slide 1 "T": a slide has notes/)
  assert.match(
    fault(`${slide()}---\n\n# U\n@minutes 0\n<!-- n -->\n`),
    /:6: slide 2 "U": @minutes 0/,
  )
  isFault(3, /one heading a slide/, '## More')
})

test('[click] notes that are not as many as the clicks', () => {
  const notes = '<!-- now [click] -->'.replace('[click]', '\n[click] a\n\n[click] b\n')
  const text = ['# A title', '@minutes 1', `${CODE} [all | /while/]`, notes].join('\n')
  assert.match(faults(text)[0], /:1: slide 1 "A title": 2 \[click\] notes for 1 clicks/)
})

test('directives, layouts and steps that there are not', () => {
  isFault(3, /there is no directive @cod; there are: code/, '@cod x')
  isFault(3, /@minutes is there twice/, '@minutes 2')
  isFault(1, /there is no layout 'wide'; there are: title/, '@layout wide')
  isFault(1, /there is no 'step03'; there are: step01_one, step02_two/, '@step step03')
  isFault(1, /there is no 'step03'/, '@server step03')
  isFault(3, /commands need a server/, '```console', '$ true', '```')
  isFault(3, /no HTML on a slide/, '<b>bold</b>')
  isFault(3, /this fence is never closed/, '```text', 'x')
  isFault(3, /the fonts of the deck have no '\u2192'/, 'a \u2192 b')
  isFault(1, /@columns without @end/, '@columns')
  isFault(3, /@next needs @columns/, '@next')
})

test('sequences that cannot be drawn', () => {
  const sequence = (...lines) => ['```sequence', ...lines, '```']
  isFault(3, /no actor 'C'; it has: A, B/, ...sequence('actors A, B', 'A -> C: hello'))
  isFault(3, /cannot read 'hello'/, ...sequence('actors A, B', 'hello'))
  isFault(3, /begins with 'actors/, ...sequence('A -> B: hello'))
  isFault(3, /there is space for/, ...sequence('actors A, B', `A -> B: ${'x'.repeat(80)}`))
  isFault(3, /too high/, ...sequence('actors A, B', ...Array(20).fill('A -> B: x')))
})

test('maps of parts that are not there', () => {
  isFault(1 + 3, /step01_one has no part 'app'; it has: session/, '@step step01_one', '@map app')
  isFault(4, /the map has no part for src\/http\/odd of step02_two/, '@step step02_two', '@map')
  isFault(3, /@map needs a step/, '@map')
})

test('figures that were not measured', () => {
  const file = path.join(repository, 'tests/bench/results/results.json')
  isFault(3, /results\.json is missing: \.\/workshop bench --save/, '@bench http plain cpu_us')
  fs.mkdirSync(path.dirname(file), { recursive: true })
  const rows = [{ server: 'nginx', kind: 'http plain', cpu_us: 7.25 }]
  const save = (results) => fs.writeFileSync(file, JSON.stringify(results))
  save({ rows })
  isFault(3, /results\.json has no date/, '@bench http plain cpu_us')
  save({ date: '2026-11-23', machine: 'a machine', versions: { nginx: '1.22.1' }, rows })
  isFault(3, /has no kind 'http'; it has: http plain/, '@bench http cpu_us')
  isFault(3, /has no value 'speed'; it has: cpu_us/, '@bench http plain speed')
  isFault(3, /has no server 'apache'; it has: nginx/, '@bench http plain cpu_us: apache')
  isFault(3, /no row of .* has ratio of 'http plain'/, '@results http plain ratio')
  for (const text of ['@bench http plain cpu_us', '@results http plain cpu_us: nginx']) {
    const { html } = build(slide(text))
    assert.match(html, /7\.25/)
    assert.match(html, /measured 2026-11-23: medians; a machine; nginx 1\.22\.1/)
  }
})

test('all faults are told at once', () => {
  const text = [slide('@code x', '@cod y'), slide('@gone')].join('---\n')
  assert.deepEqual(
    faults(text).map((f) => /slide \d/.exec(f)[0]),
    ['slide 1', 'slide 2'],
  )
})

const deckOf = (deck) => buildDeck({ repository: root, deck })

test('90 minutes are 90, and half a day is half a day with its breaks', () => {
  assert.equal(deckOf('short').minutes, 90)
  const { minutes, list } = deckOf('full')
  assert.ok(minutes > 225 && minutes <= 240, `${minutes} minutes`)
  const breaks = list.filter(({ layout }) => layout === 'break')
  assert.equal(breaks.length, 2)
  let since = 0
  for (const slide of list) {
    since = slide.layout === 'break' ? 0 : since + slide.minutes
    assert.ok(since <= 95, `${since} minutes without a break, at '${slide.title}'`)
  }
})

test('the plans of the teacher are those of the decks', () => {
  const text = fs.readFileSync(path.join(root, 'teaching/README.md'), 'utf8')
  assert.equal(text, withPlans(text), 'npm --prefix slides run plan')
})

test('the plan of a full day adds up', () => {
  const text = fs.readFileSync(path.join(root, 'teaching/README.md'), 'utf8')
  const day = /^## A full day[^]*?(?=^## )/m.exec(text)[0]
  const rows = [...day.matchAll(/^\| (\d+):(\d\d) \| (\d+) \| (.*) \|$/gm)].map(
    ([, hours, minutes, length, what]) => ({
      at: 60 * Number(hours) + Number(minutes),
      length: Number(length),
      what,
      parts: [...what.matchAll(/(?:slides|exercises|together) (\d+)/g)].map((m) => Number(m[1])),
    }),
  )
  assert.ok(rows.length > 5)
  for (const [i, { at, length, what, parts }] of rows.entries()) {
    assert.equal(rows[i + 1]?.at ?? at + length, at + length, what)
    if (parts.length)
      assert.equal(
        parts.reduce((a, b) => a + b),
        length,
        what,
      )
  }
})

test('the short deck leaves slides out, and has minutes of its own', () => {
  const text = [
    slide(CODE),
    '# B\n@minutes 3\n@short 1.5\ntext\n<!-- n -->\n',
    '# C\n@minutes 4\n@short skip\ntext\n<!-- n -->\n',
  ].join('---\n')
  const minutes = (deck) => build(text, deck).list.map((each) => each.minutes)
  assert.deepEqual(minutes('full'), [1, 3, 4])
  assert.deepEqual(minutes('short'), [1, 1.5])
  isFault(1, /@short soon: neither minutes nor 'skip'/, '@short soon')
})

test('parts of a plan begin where a slide says so', () => {
  const slides = [
    { part: 'why', minutes: 2 },
    { minutes: 1.5 },
    { part: 'break', minutes: 15 },
    { part: 'step 01', minutes: 50 },
  ]
  assert.equal(
    tableOf(partsOf(slides)).split('\n').slice(2).join('\n'),
    '| 0:00 | 3.5 | why |\n| 0:03 | 15 | break |\n| 0:18 | 50 | step 01 |',
  )
  assert.throws(() => partsOf([{ minutes: 2 }]), /the first slide of a deck has @part/)
})

test('each step ends with its sentences, and then an exercise that can stand on the wall', () => {
  const { list } = deckOf('full')
  for (const step of new Set([...exercisesOf(root).keys()].map((number) => number[0]))) {
    const place = list.findIndex(({ title }) => title.startsWith(`${step}a `))
    assert.equal(list[place]?.layout, 'exercise', `${step}a`)
    assert.equal(list[place - 1].layout, 'recap', `before ${step}a`)
    assert.ok(list[place].minutes >= 8, `${step}a has ${list[place].minutes} minutes`)
  }
})

test('the last recap has the sentence of each step', () => {
  const text = fs
    .readdirSync(path.join(root, 'slides/deck'))
    .map((file) => fs.readFileSync(path.join(root, 'slides/deck', file), 'utf8'))
    .join('\n---\n')
  const slides = text.split('\n---\n')
  const recap = slides.find((each) => each.includes('# One sentence for each step\n'))
  const ideas = slides.filter((each) => /^@layout idea$/m.test(each))
  assert.equal(ideas.length, stepsOf(root).length)
  for (const idea of ideas) {
    const sentence = [...idea.matchAll(/^> (.+)$/gm)].map((match) => match[1]).join(' ')
    assert.ok(recap.includes(sentence), sentence)
  }
})

test('each step says which of its moves are worth typing', () => {
  const { html } = deckOf('full')
  for (const step of stepsOf(root).filter((each) => movesOf(root, each).length))
    assert.ok(html.includes(`<b>By hand, on a day of its own:</b> ${Number(step.slice(4, 6))}.`), step)
})

test('a server that is measured has the same version wherever it is named', () => {
  const { versions } = JSON.parse(
    fs.readFileSync(path.join(root, 'tests/bench/results/results.json'), 'utf8'),
  )
  const { html } = deckOf('full')
  const named = [...html.matchAll(/\b(nginx|uvicorn|node|wrk) (\d+[\d.]*\d)/g)]
  assert.ok(named.length > 0)
  for (const [, server, version] of named) assert.equal(version, versions[server], server)
})

test('the deck itself builds', () => {
  assert.ok(buildDeck({ repository: root }).slides > 0)
})
