// Blocks of code and of terminals, as HTML.
import { toKeyedTokens } from '@shikijs/magic-move/core'
import { createHighlighter } from 'shiki'
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript'
import { difference } from './diff.mjs'
import { dark, light } from './theme.mjs'
import { wrap } from './wrap.mjs'

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

// px on a slide 720 high: README.md says why none is smaller, and what is read from the last row.
const SIZES = [30, 28, 26, 24, 22, 20]
const READABLE = 24
const COLUMN = 0.6 // the width of a character of JetBrains Mono, in its size
const LINE = 1.4 // as in deck.css

/** What a block needs on a slide: its lines, and the space that it has; `wraps` if it may. */
export const measure = (lines, width, { share = 1, wraps = false } = {}) => ({
  lines,
  columns: Math.max(...lines.map((line) => line.length)),
  width,
  share,
  wraps,
})

const columnsAt = ({ width }, size) => Math.floor(width / (size * COLUMN) + 1e-6)
const fitsWidth = (block, size) => block.columns <= columnsAt(block, size)

// The lines of a block as they stand with this size.
const rowsAt = (block, size) =>
  block.wraps ? block.lines.flatMap((line) => wrap(line, columnsAt(block, size))) : block.lines

const heightAt = (block, size) => rowsAt(block, size).length * block.share * size * LINE

/** Whether a block fits into a height, in px, with this size. */
export const isFitting = (block, size, height) =>
  heightAt(block, size) <= height && (block.wraps || fitsWidth(block, size))

/** How high blocks are together with this size, in px. */
export const heightOf = (blocks, size) =>
  blocks.reduce((sum, block) => sum + heightAt(block, size), 0)

/** The largest size at which all blocks fit, in px; a line is broken only to be readable. */
export function fittingSize(blocks, height) {
  const fits = (size) =>
    heightOf(blocks, size) <= height &&
    blocks.every((b) => fitsWidth(b, size) || (b.wraps && size <= READABLE))
  return SIZES.find(fits) ?? SIZES.at(-1)
}

/** Throws if a line is too long even for the smallest size. */
export function checkWidth(lines, block) {
  if (fitsWidth(block, SIZES.at(-1))) return
  const most = columnsAt(block, SIZES.at(-1))
  const line = lines.find((text) => text.length === block.columns).trim()
  throw new Error(`a line has ${block.columns} columns, and there is space for ${most}: ${line}`)
}

// The tokens of a line, in as many rows as it needs in so many columns.
function wrapTokens(tokens, columns) {
  const text = tokens.map((token) => token.content).join('')
  const rows = wrap(text, columns)
  if (rows.length === 1) return htmlOf(tokens)
  let end = 0
  const parts = rows.map((row, i) => {
    const start = text.indexOf(row.trim(), end)
    end = start + row.trim().length
    return htmlOf(between(tokens, i ? start : 0, end))
  })
  const hang = `\n${/^ */.exec(rows[1])[0]}`
  return parts.join(hang)
}

// The pieces of tokens that stand between two places of their text.
function between(tokens, from, to) {
  let at = 0
  return tokens.flatMap((token) => {
    const begin = Math.max(from - at, 0),
      end = Math.min(to - at, token.content.length)
    at += token.content.length
    return begin < end ? [{ ...token, content: token.content.slice(begin, end) }] : []
  })
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
export function codeBlock(lines, language, options) {
  const { size, width, states = [null], base = 0, attributes = '' } = options
  const columns = width ? columnsAt({ width }, size) : Infinity
  const html = tokensOf(lines, language).map((line) => ({ html: wrapTokens(line, columns) }))
  const clicks = `data-states="${onlyAttribute(states)}" data-base="${base}" ${attributes}`
  return pre(html, { size, attributes: clicks })
}

/** What has to be changed in one list of lines to get the other one. */
export function diffBlock(before, after, language, { size, width, attributes = '' }) {
  const columns = width ? columnsAt({ width }, size) - 2 : Infinity
  const changes = difference(before, after)
  const tokens = tokensOf(
    changes.map(([, line]) => line),
    language,
  )
  const kinds = { '+': 'add', '-': 'del', ' ': 'same' }
  const lines = changes.map(([sign], i) => ({
    kind: kinds[sign],
    html: wrapTokens(tokens[i], columns),
  }))
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
export const morphBlock = (number, { size, base, rows, until = '' }) =>
  `<pre class="code morph" style="font-size:${size}px;--rows:${rows}" data-morph="${number}"` +
  ` data-base="${base}" data-until="${until}"><code></code></pre>`

/**
 * The states of a morph, for the renderer in the browser, and the lines that are new in each.
 * Lines move as a whole: a word that happens to stand in two lines does not fly between them.
 */
export function morphStates(versions, language) {
  const keyed = versions.map((lines) => toKeyedTokens(lines.join('\n'), tokensOf(lines, language)))
  const fresh = versions.map((lines, i) => (i ? keepLines(keyed, versions, i) : []))
  return { states: keyed, fresh }
}

// Gives the lines that stay the keys that they had; returns the numbers of those that are new.
function keepLines(keyed, versions, i) {
  const trim = (lines) => lines.map((line) => line.trim())
  const [before, after] = [tokenLines(keyed[i - 1]), tokenLines(keyed[i])]
  const fresh = []
  let from = 0,
    to = 0
  for (const [sign, line] of difference(trim(versions[i - 1]), trim(versions[i]))) {
    if (sign === ' ' && line) copyKeys(before[from], after[to])
    if (sign === '+' && line) fresh.push(to)
    if (sign !== '+') from++
    if (sign !== '-') to++
  }
  return fresh
}

// The tokens of each line, without the blanks between them.
function tokenLines({ tokens }) {
  const lines = [[]]
  for (const token of tokens) {
    if (token.content === '\n') lines.push([])
    else if (token.content.trim()) lines.at(-1).push(token)
  }
  return lines
}

const copyKeys = (from, to) => to.forEach((token, i) => (token.key = from[i].key))
