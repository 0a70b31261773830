// Blocks of code and of terminals, as HTML.
import { syncTokenKeys, toKeyedTokens } from '@shikijs/magic-move/core'
import { createHighlighter } from 'shiki'
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript'
import { difference } from './diff.mjs'
import { dark, light } from './theme.mjs'

const LANGUAGES = { cpp: 'cpp', python: 'python', http: 'http', json: 'json' }
const themes = { light: light.name, dark: dark.name }
const highlighter = await createHighlighter({
  themes: [light, dark],
  langs: Object.values(LANGUAGES),
  engine: createJavaScriptRegexEngine(), // the other one, of WebAssembly, needs Node 20
})

/** Text as HTML shows it. */
export const escapeHtml = (text) =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c])

function tokensOf(lines, language) {
  const lang = LANGUAGES[language] ?? 'text'
  return highlighter.codeToTokens(lines.join('\n'), { lang, themes, defaultColor: false }).tokens
}

const styleOf = (token) =>
  Object.entries(token.htmlStyle)
    .map(([k, v]) => `${k}:${v}`)
    .join(';')
const htmlOf = (line) =>
  line
    .map((token) => `<span style="${styleOf(token)}">${escapeHtml(token.content)}</span>`)
    .join('')

const SIZES = [30, 28, 26, 24, 22, 20] // px on a slide 720 high; README.md says why none is smaller
const COLUMN = 0.6 // the width of a character of JetBrains Mono, in its size
const LINE = 1.45 // as in deck.css

/** What a block needs on a slide: its rows and columns, and the space that it has. */
export const measure = (lines, width, share = 1) => ({
  rows: lines.length,
  columns: Math.max(...lines.map((line) => line.length)),
  width,
  share,
})

const isWide = ({ columns, width }, size) => columns * size * COLUMN <= width

/** Whether a block fits into a height, in px, with this size. */
export const isFitting = (block, size, height) =>
  block.rows * block.share * size * LINE <= height && isWide(block, size)

/** The largest size at which all blocks fit, in px; `share` is less than 1 for one in a column. */
export function fittingSize(blocks, height) {
  const rows = blocks.reduce((sum, block) => sum + block.rows * block.share, 0)
  const fits = (size) => blocks.every((b) => isFitting({ ...b, rows, share: 1 }, size, height))
  return SIZES.find(fits) ?? SIZES.at(-1)
}

/** Throws if a line is too long even for the smallest size. */
export function checkWidth(lines, block) {
  if (isWide(block, SIZES.at(-1))) return
  const most = Math.floor(block.width / SIZES.at(-1) / COLUMN)
  const line = lines.find((text) => text.length === block.columns).trim()
  throw new Error(`a line has ${block.columns} columns, and there is space for ${most}: ${line}`)
}

function pre(lines, { size, name = 'code', attributes = '' }) {
  const text = lines
    .map((line) => `<span class="line ${line.kind ?? ''}">${line.html}</span>`)
    .join('\n')
  return `<pre class="${name}" style="font-size:${size}px" ${attributes}><code>${text}</code></pre>`
}

const onlyAttribute = (states) =>
  states.map((on) => (on ? [...on].map((i) => i + 1).join(',') : 'all')).join('|')

/** A block of code; `states` are the lines that stand out, click by click (null: all). */
export function codeBlock(lines, language, { size, states = [null], base = 0, attributes = '' }) {
  const html = tokensOf(lines, language).map((line) => ({ html: htmlOf(line) }))
  const clicks = `data-states="${onlyAttribute(states)}" data-base="${base}" ${attributes}`
  return pre(html, { size, attributes: clicks })
}

/** What has to be changed in one list of lines to get the other one. */
export function diffBlock(before, after, language, { size, attributes = '' }) {
  const changes = difference(before, after)
  const tokens = tokensOf(
    changes.map(([, line]) => line),
    language,
  )
  const kinds = { '+': 'add', '-': 'del', ' ': 'same' }
  const lines = changes.map(([sign], i) => ({ kind: kinds[sign], html: htmlOf(tokens[i]) }))
  return pre(lines, { size, name: 'code diff', attributes })
}

/** A terminal: commands after '$ ', and what they print. */
export function terminal(lines, { size }) {
  let goesOn = false
  const html = lines.map((line) => {
    const command = goesOn || line.startsWith('$ ')
    goesOn = command && line.endsWith('\\')
    const text = escapeHtml(line).replace(/^\$ /, '<i class="prompt">$ </i>')
    return { kind: command ? 'command' : 'output', html: text }
  })
  return pre(html, { size, name: 'terminal' })
}

/** What a morph draws into from click `base` on, perhaps until a click where other code follows. */
export const morphBlock = (number, { size, base, until = '' }) =>
  `<pre class="code" style="font-size:${size}px" data-morph="${number}" data-base="${base}"` +
  ` data-until="${until}"><code></code></pre>`

/** The states of a morph, for the renderer in the browser. */
export function morphStates(versions, language) {
  const keyed = versions.map((lines) => toKeyedTokens(lines.join('\n'), tokensOf(lines, language)))
  for (let i = 1; i < keyed.length; i++) keyed[i] = syncTokenKeys(keyed[i - 1], keyed[i]).to
  return keyed
}
