// Blocks of code and of terminals, as HTML.
import { syncTokenKeys, toKeyedTokens } from '@shikijs/magic-move/core'
import { createHighlighter } from 'shiki'
import { difference } from './diff.mjs'
import { dark, light } from './theme.mjs'

const LANGUAGES = { cpp: 'cpp', python: 'python', http: 'http', json: 'json' }
const themes = { light: light.name, dark: dark.name }
const highlighter = await createHighlighter({
  themes: [light, dark], langs: Object.values(LANGUAGES),
})

/** Text as HTML shows it. */
export const escapeHtml = text =>
  text.replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c])

function tokensOf(lines, language) {
  const lang = LANGUAGES[language] ?? 'text'
  return highlighter.codeToTokens(lines.join('\n'), { lang, themes, defaultColor: false }).tokens
}

const styleOf = token => Object.entries(token.htmlStyle).map(([k, v]) => `${k}:${v}`).join(';')
const htmlOf = line => line
  .map(token => `<span style="${styleOf(token)}">${escapeHtml(token.content)}</span>`).join('')

const SIZES = [24, 22, 20] // px on a slide 720 high; README.md says why none is smaller
const COLUMN = 0.6 // the width of a character of JetBrains Mono, in its size
const LINE = 1.45 // as in deck.css

/** The largest size at which the lines fit into a space, in px; null if there is none. */
export function fittingSize(lines, { width, height }) {
  const columns = Math.max(...lines.map(line => line.length))
  return SIZES.find(s => columns * s * COLUMN <= width && lines.length * s * LINE <= height) ?? null
}

function pre(lines, { size, name = 'code', attributes = '' }) {
  const text = lines.map(line => `<span class="line ${line.kind ?? ''}">${line.html}</span>`).join('\n')
  return `<pre class="${name}" style="font-size:${size}px" ${attributes}><code>${text}</code></pre>`
}

const onlyAttribute = states => states
  .map(on => on ? [...on].map(i => i + 1).join(',') : 'all').join('|')

/** A block of code; `states` are the lines that stand out, click by click (null: all). */
export function codeBlock(lines, language, { size, states = [null], base = 0, attributes = '' }) {
  const html = tokensOf(lines, language).map(line => ({ html: htmlOf(line) }))
  const clicks = `data-states="${onlyAttribute(states)}" data-base="${base}" ${attributes}`
  return pre(html, { size, attributes: clicks })
}

/** What has to be changed in one list of lines to get the other one. */
export function diffBlock(before, after, language, { size, attributes = '' }) {
  const changes = difference(before, after)
  const tokens = tokensOf(changes.map(([, line]) => line), language)
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

/** The states of a morph, for the renderer in the browser. */
export function morphStates(versions, language) {
  const keyed = versions.map(lines => toKeyedTokens(lines.join('\n'), tokensOf(lines, language)))
  for (let i = 1; i < keyed.length; i++) keyed[i] = syncTokenKeys(keyed[i - 1], keyed[i]).to
  return keyed
}
