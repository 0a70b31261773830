// The picture of the server's parts. Which of them a step has, and which are new or changed in it,
// is read from the ladder's manifest; a file that is in no part here is an error.
import fs from 'node:fs'
import path from 'node:path'
import { escapeHtml } from './code.mjs'

// Each layer has its boxes in columns; a box is a part, with the files (without .hpp, .cpp) it is.
// [name, files besides the one of that name]; null leaves the place empty.
const LAYERS = [
  {
    title: 'application',
    x: 0,
    y: 0,
    width: 1184,
    height: 84,
    box: [172, 40],
    gap: [18, 0],
    rows: [
      [
        ['demo/http', ['demo/demo']],
        ['demo/request_id'],
        ['demo/websocket'],
        ['demo/chat'],
        ['demo/show_events'],
        ['demo/page'],
      ],
    ],
  },
  {
    x: 0,
    y: 94,
    width: 1184,
    height: 46,
    box: [1184, 46],
    gap: [0, 0],
    flat: true,
    rows: [[['asgi/asgi', [], 'asgi: app(scope, receive, send)']]],
  },
  {
    title: 'sequence: it awaits',
    titleX: 262, // beside the arrows
    x: 0,
    y: 150,
    width: 746,
    height: 268,
    box: [224, 58],
    gap: [20, 18],
    rows: [
      [['asgi/scope'], ['lifespan'], ['websocket_cycle']],
      [['http_cycle'], ['asgi/response_writer'], ['web_socket']],
      [['session', ['access_log']], ['body_reader'], ['asgi/channel']],
    ],
  },
  {
    title: 'grammar: it never suspends',
    x: 758,
    y: 150,
    width: 426,
    height: 268,
    box: [188, 38],
    gap: [18, 8],
    rows: [
      [['http/request'], ['websocket/handshake']],
      [['http/response'], ['websocket/frame']],
      [['http/body'], ['websocket/deflate', ['websocket/error', 'websocket/held']]],
      [['http/target'], ['utf8']],
      [['http/grammar', ['http/error']], null],
    ],
  },
  {
    title: 'input and output',
    titleX: 262,
    x: 0,
    y: 428,
    width: 1184,
    height: 84,
    box: [214, 40],
    gap: [20, 0],
    rows: [
      [
        ['connection', ['flag_guard', 'condition']],
        ['server'],
        ['main', ['options', 'command_line', 'log', 'proxy_headers'], 'main, options'],
        ['workers', ['source_watch']],
        [
          'python/application',
          [
            'python/interpreter',
            'python/asyncio',
            'python/bridge',
            'python/call',
            'python/channel',
            'python/convert',
            'python/errors',
          ],
          'python',
        ],
      ],
    ],
  },
]
const PADDING = 17,
  TITLE = 32,
  HEIGHT = 546

// What the looks of a part mean, below the picture.
const LEGEND = { y: 521, box: [40, 24], width: 170 }
const KINDS = {
  new: 'new',
  here: 'here',
  changed: 'changed',
  same: 'as before',
  'to-come': 'to come',
}

const boxes = LAYERS.flatMap((layer) =>
  layer.rows.flatMap((row, r) =>
    row.flatMap((box, c) => {
      if (!box) return []
      const [name, others = [], label = name.replace(/^\w+\//, '')] = box
      const [width, height] = layer.box
      const inset = layer.flat ? [0, 0] : [PADDING, TITLE]
      const x = layer.x + inset[0] + c * (width + layer.gap[0])
      const y = layer.y + inset[1] + r * (height + layer.gap[1])
      return [{ layer, name, files: [name, ...others], label, x, y, width, height }]
    }),
  ),
)

// Reads the manifest: each step's new and changed files, in order, as stems (src/a.cpp is a).
function readManifest(repository) {
  const steps = new Map()
  let step
  for (const line of fs
    .readFileSync(path.join(repository, 'tests/ladder/ladder.ini'), 'utf8')
    .split('\n')) {
    const section = /^\[(.+)\]$/.exec(line),
      row = /^ +([+~]) (.+)$/.exec(line)
    if (section) steps.set(section[1], (step = { new: new Set(), changed: new Set() }))
    else if (row)
      for (const [, file] of row[2].matchAll(/src\/(\S+)\.\w+/g))
        (row[1] === '+' ? step.new : step.changed).add(file)
  }
  return steps
}

/** What each part is in a step: 'new', 'changed', 'same', or not in the map that is returned. */
export function partsOf(repository, step) {
  const steps = readManifest(repository)
  if (!steps.has(step)) throw new Error(`tests/ladder/ladder.ini has no step '${step}'`)
  const state = new Map()
  for (const [name, { new: added, changed }] of steps) {
    for (const box of boxes) {
      if (state.has(box.name)) state.set(box.name, 'same')
      if (box.files.some((f) => changed.has(f) || added.has(f)) && state.has(box.name))
        state.set(box.name, 'changed')
      else if (box.files.some((f) => added.has(f))) state.set(box.name, 'new')
    }
    checkFiles([...added], name)
    if (name === step) break
  }
  return state
}

function checkFiles(files, step) {
  const lost = files.find((file) => !boxes.some((box) => box.files.includes(file)))
  if (lost)
    throw new Error(
      `the map has no part for src/${lost} of ${step}: add it to slides/tools/map.mjs`,
    )
}

/** Draws the parts of a step; those named by `here` stand out, or if none is, what is new. */
export function drawMap(repository, step, here) {
  const state = partsOf(repository, step)
  for (const name of here) {
    if (!state.has(name))
      throw new Error(`${step} has no part '${name}'; it has: ${[...state.keys()].join(', ')}`)
  }
  const kind = (name) =>
    !state.has(name) || !here.length ? state.get(name) : here.includes(name) ? 'here' : 'same'
  const isUsed = (layer) => boxes.some((b) => b.layer === layer && state.has(b.name))
  const layers = LAYERS.map((layer) => drawLayer(layer, isUsed(layer)))
  const toCome = LAYERS.every(isUsed) ? [] : ['to-come']
  const used = [...boxes.flatMap((box) => kind(box.name) ?? []), ...toCome]
  return (
    `<svg class="drawing map" viewBox="0 0 1184 ${HEIGHT}">${layers.join('')}` +
    `${boxes.map((box) => drawBox(box, kind(box.name))).join('')}${drawWays(state, isUsed)}` +
    `${drawLegend(new Set(used))}</svg>`
  )
}

function drawLegend(used) {
  const [width, height] = LEGEND.box
  return Object.keys(KINDS)
    .filter((kind) => used.has(kind))
    .map((kind, i) => {
      const x = i * LEGEND.width
      return (
        rectangle({ x, y: LEGEND.y, width, height }, `part ${kind}`) +
        `<text class="layer-title" x="${x + width + 12}" y="${LEGEND.y + 19}">${KINDS[kind]}</text>`
      )
    })
    .join('')
}

// A layer that has nothing yet is an outline.
function drawLayer({ title, titleX = PADDING, x, y, width, height }, used) {
  if (!title) return ''
  return (
    rectangle({ x, y, width, height }, `layer ${used ? '' : 'to-come'}`) +
    (used ? `<text class="layer-title" x="${x + titleX}" y="${y + 24}">${title}</text>` : '')
  )
}

function drawBox(box, kind) {
  if (!kind) return ''
  const { label, x, y, width, height } = box
  return (
    `${rectangle(box, `part ${kind}`)}<text class="part ${kind}" x="${x + width / 2}" ` +
    `y="${y + height / 2 + 7}">${escapeHtml(label)}</text>`
  )
}

const rectangle = ({ x, y, width, height }, kind) =>
  `<rect class="${kind}" x="${x + 1}" y="${y + 1}" rx="8" ` +
  `width="${width - 2}" height="${height - 2}"/>`

const ARROW = 9 // px, of a tip

// The ways of a request through the parts: from, to, and the side at which they begin. A way is
// drawn in the steps that have both parts.
const WAYS = [
  ['server', 'connection', 'left'],
  ['connection', 'session', 'top'],
  ['session', 'body_reader', 'right'],
  ['session', 'http_cycle', 'top'],
  ['http_cycle', 'asgi/scope', 'top'],
  ['asgi/scope', 'asgi/asgi', 'top'],
  ['asgi/asgi', 'demo/http', 'top'],
  ['websocket_cycle', 'asgi/asgi', 'top'],
  ['web_socket', 'websocket_cycle', 'top'],
]

function drawWays(state, isUsed) {
  const find = (name) => boxes.find((box) => box.name === name)
  const [sequence, grammar] = ['sequence', 'grammar'].map((name) =>
    LAYERS.find((layer) => layer.title?.startsWith(name)),
  )
  const asks = [sequence.x + sequence.width - ARROW, sequence.y + sequence.height / 2]
  const call = isUsed(grammar) ? arrow(asks, [grammar.x - asks[0] + ARROW, 0]) : ''
  return (
    call +
    WAYS.filter(([from, to]) => state.has(from) && state.has(to))
      .map(([from, to, begin]) => drawWay(find(from), find(to), begin))
      .join('')
  )
}

// A straight arrow between two boxes, where the narrower of them has its middle.
function drawWay(from, to, begin) {
  if (begin === 'top') {
    const narrow = from.width < to.width ? from : to
    return arrow([narrow.x + narrow.width / 2, from.y], [0, to.y + to.height - from.y])
  }
  const y = from.y + from.height / 2
  if (begin === 'left') return arrow([from.x, y], [to.x + to.width - from.x, 0])
  return arrow([from.x + from.width, y], [to.x - from.x - from.width, 0])
}

function arrow([x, y], [dx, dy]) {
  const [ux, uy] = [Math.sign(dx), Math.sign(dy)]
  const [tx, ty] = [x + dx, y + dy]
  const [bx, by] = [tx - ux * ARROW, ty - uy * ARROW]
  const [sx, sy] = [uy * ARROW * 0.7, ux * ARROW * 0.7]
  return (
    `<path class="way" d="M${x} ${y}L${bx} ${by}"/>` +
    `<path class="tip" d="M${tx} ${ty}L${bx + sx} ${by + sy}L${bx - sx} ${by - sy}z"/>`
  )
}
