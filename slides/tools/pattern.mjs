// Lines of an excerpt, named by text in them: /text/, /text/+2, /from/../to/, /text/{}.
import { closing, onlyCode } from './cpp.mjs'

const TEXT = String.raw`\/((?:[^\/\\]|\\.)+)\/`
const PATTERN = new RegExp(`^${TEXT}(?:\\+(\\d+)|\\.\\.${TEXT}|(\\{\\}))?`)
const unescape = (text) => text.replace(/\\(.)/g, '$1')

/** Reads the pattern at the start of `text`: { length, from, more, to, braces }, or null. */
export function readPattern(text) {
  const match = PATTERN.exec(text)
  if (!match) return null
  const [whole, from, more, to, braces] = match
  return {
    whole,
    length: whole.length,
    from: unescape(from),
    more: Number(more ?? 0),
    to: to && unescape(to),
    braces: Boolean(braces),
  }
}

function onlyLine(lines, text) {
  const hits = lines.flatMap((line, i) => (line.includes(text) ? [i] : []))
  if (hits.length === 1) return hits[0]
  throw new Error(
    hits.length
      ? `/${text}/ is in ${hits.length} lines of the code, and should be in one`
      : `/${text}/ is in no line of the code`,
  )
}

/** The first and the last line that a pattern means, from 0. */
export function rangeOf(pattern, lines) {
  const first = onlyLine(lines, pattern.from)
  if (pattern.braces) return [first, closingLine(lines, first, pattern.from)]
  if (pattern.to !== undefined) {
    const last = lines.findIndex((line, i) => i >= first && line.includes(pattern.to))
    if (last < 0) throw new Error(`/${pattern.to}/ is in no line after /${pattern.from}/`)
    return [first, last]
  }
  if (first + pattern.more >= lines.length) {
    throw new Error(`/${pattern.from}/+${pattern.more} goes past the last line`)
  }
  return [first, first + pattern.more]
}

function closingLine(lines, first, text) {
  const code = onlyCode(lines.join('\n'))
  const start = lines.slice(0, first).reduce((sum, line) => sum + line.length + 1, 0)
  const open = code.indexOf('{', start)
  if (open < 0 || code.slice(start, open).includes('\n')) {
    throw new Error(`/${text}/{}: there is no '{' in this line`)
  }
  return code.slice(0, closing(code, open)).split('\n').length - 1
}

// Splits at a separator that is not part of a /text/.
function split(text, separator) {
  const parts = ['']
  for (let i = 0; i < text.length;) {
    const pattern = readPattern(text.slice(i))
    if (pattern) parts[parts.length - 1] += pattern.whole
    else if (text[i] === separator) parts.push('')
    else parts[parts.length - 1] += text[i]
    i += pattern ? pattern.length : 1
  }
  return parts.map((part) => part.trim())
}

/** Reads highlights: for each state null (all lines), or the set of lines that stand out. */
export function highlightStates(text, lines) {
  return split(text, '|').map((state) => {
    if (state === 'all') return null
    const on = new Set()
    for (const part of split(state, ',')) {
      const pattern = readPattern(part)
      if (!pattern || pattern.length !== part.length) throw new Error(`'${part}' is no highlight`)
      const [first, last] = rangeOf(pattern, lines)
      for (let i = first; i <= last; i++) on.add(i)
    }
    return on
  })
}
