// The benchmark's results, as ./workshop bench --save has kept them: see tests/bench/README.md.
import fs from 'node:fs'
import path from 'node:path'
import { escapeHtml } from './code.mjs'

const RESULTS = 'tests/bench/results/results.json'

// What each value is called, and how it is written.
const VALUES = {
  cpu_us: { name: '\u00b5s of CPU', write: rounded },
  ratio: { name: 'CPU', write: rounded },
  per_second: { name: 'per second', write: rounded },
  octets: { name: 'KiB of memory', write: (octets) => rounded(octets / 1024) },
  instructions: { name: 'instructions', write: rounded },
  allocations: { name: 'allocations', write: rounded },
}

const KINDS = {
  'http plain': 'a request',
  'http pipelined': 'a request of 16 pipelined',
  'websocket plain': 'a message',
  'websocket pipelined': 'a message of 16 sent at once',
  'python hello': 'a request to hello.py',
  'python starlette': 'Starlette',
  'python fastapi': 'FastAPI',
  'python quart': 'Quart',
  'python django': 'Django',
  'http idle': 'an idle connection',
  'websocket idle': 'an idle WebSocket',
  'instructions plain': 'a request',
  'instructions pipelined': 'a request of 16 pipelined',
}

function rounded(number) {
  const digits = number >= 100 ? 0 : number >= 10 ? 1 : 2
  return number.toFixed(digits).replace(/\B(?=(\d{3})+$)/g, digits ? '' : '\u00a0')
}

function readResults(repository) {
  const file = path.join(repository, RESULTS)
  if (!fs.existsSync(file)) throw new Error(`${RESULTS} is missing: ./workshop bench --save`)
  const results = JSON.parse(fs.readFileSync(file, 'utf8'))
  if (!/^\d{4}-\d\d-\d\d$/.test(results.date)) throw new Error(`${RESULTS} has no date`)
  return results
}

// Reads 'KIND VALUE, KIND VALUE: SERVER, SERVER', where the servers may be left out.
function readRequest(text) {
  const [columns, servers] = text.split(':').map((part) => part.trim().split(/\s*,\s*/))
  return {
    columns: columns.map((column) => {
      const [, kind, value] = /^(.+) (\w+)$/.exec(column) ?? []
      if (!KINDS[kind]) throw missing('kind', kind ?? column, KINDS)
      if (!VALUES[value]) throw missing('value', value, VALUES)
      return { kind, value }
    }),
    servers,
  }
}

const missing = (what, name, known) =>
  new Error(`the benchmark has no ${what} '${name}'; it has: ${Object.keys(known).join(', ')}`)

// The rows of one column, by server; all of those that are asked for have to be there.
function column({ rows }, { kind, value }, servers) {
  const found = new Map(
    rows.filter((r) => r.kind === kind && r[value] !== undefined).map((r) => [r.server, r]),
  )
  if (!found.size) throw new Error(`no row of ${RESULTS} has ${value} of '${kind}'`)
  for (const server of servers ?? []) {
    if (!found.has(server)) throw missing('server', server, Object.fromEntries(found))
  }
  return found
}

function heading({ kind, value }, row) {
  const unit = value === 'ratio' ? `; ${row.ratio_to} is 1` : ''
  return `${VALUES[value].name} for ${KINDS[kind]}${unit}`
}

function dated({ date, machine, versions }, servers) {
  const peers = servers.filter((s) => versions[s]).map((s) => `${s} ${versions[s]}`)
  const what = [`measured ${date}: medians`, machine, ...peers].join('; ')
  return `<p class="dated">${escapeHtml(what)}</p>`
}

/** A table: a row for each server, a column for each KIND VALUE. */
export function drawTable(repository, text) {
  const results = readResults(repository),
    { columns, servers } = readRequest(text)
  const found = columns.map((c) => column(results, c, null))
  const names = servers ?? [...new Set(found.flatMap((rows) => [...rows.keys()]))]
  const heads = columns.map((c, i) => heading(c, found[i].values().next().value))
  const cells = (name) =>
    columns.map(({ value }, i) => {
      const row = found[i].get(name)
      return `<td class="amount">${row ? VALUES[value].write(row[value]) : ''}</td>`
    })
  for (const name of names) {
    if (!found.some((rows) => rows.has(name))) column(results, columns[0], [name])
  }
  return (
    `<table><thead><tr><th></th>` +
    heads.map((head) => `<th class="amount">${escapeHtml(head)}</th>`).join('') +
    `</tr></thead><tbody>` +
    names.map((n) => `<tr><td><code>${n}</code></td>${cells(n).join('')}</tr>`).join('') +
    `</tbody></table>${dated(results, names)}`
  )
}

const BAR = { height: 38, row: 54, label: 236, value: 110, title: 46 }

/** Bars: one for each server, as long as its value, with the least and the greatest as a line. */
export function drawBars(repository, text, width) {
  const results = readResults(repository),
    { columns, servers } = readRequest(text)
  if (columns.length !== 1) throw new Error('@bench KIND VALUE')
  const found = column(results, columns[0], servers)
  const rows = servers ? servers.map((server) => found.get(server)) : [...found.values()]
  const { value } = columns[0]
  const most = Math.max(...rows.map((row) => row[`${value}_high`] ?? row[value]))
  const scale = (width - BAR.label - BAR.value) / most
  const height = BAR.title + rows.length * BAR.row
  const bars = rows.map((row, i) => drawBar(row, value, BAR.title + i * BAR.row, scale))
  return (
    `<svg class="drawing bench" viewBox="0 0 ${width} ${height}" ` +
    `style="width:${width}px"><text class="title" x="0" y="24">` +
    `${escapeHtml(heading(columns[0], rows[0]))}</text>${bars.join('')}</svg>` +
    dated(
      results,
      rows.map((row) => row.server),
    )
  )
}

function drawBar(row, value, y, scale) {
  const kind = row.server.startsWith('step') ? 'step' : 'peer'
  const length = Math.max(2, row[value] * scale),
    middle = y + BAR.height / 2
  const from = BAR.label + (row[`${value}_low`] ?? row[value]) * scale
  const to = BAR.label + (row[`${value}_high`] ?? row[value]) * scale
  return (
    `<text class="server" x="${BAR.label - 14}" y="${middle + 7}">${row.server}</text>` +
    `<rect class="${kind}" x="${BAR.label}" y="${y}" rx="4" ` +
    `width="${length}" height="${BAR.height}"/>` +
    (to > from ? `<path class="spread" d="M${from} ${middle}H${to}"/>` : '') +
    `<text class="value" x="${Math.max(BAR.label + length, to) + 12}" y="${middle + 7}">` +
    `${VALUES[value].write(row[value])}</text>`
  )
}
