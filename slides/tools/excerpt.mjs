// What a slide shows of a source: a function, a type or a region, perhaps with lines left out.
import fs from 'node:fs'
import path from 'node:path'
import { find } from './cpp.mjs'
import { rangeOf, readPattern } from './pattern.mjs'

/** Reads 'FILE#NAME comment -/text/ FILE#NAME ... [HIGHLIGHTS]': { references, highlights }. */
export function readReferences(text) {
  const references = []
  let highlights,
    rest = text.trim()
  while (rest) {
    const cut = rest[0] === '-' && readPattern(rest.slice(1))
    const word = /^\S+/.exec(rest)[0]
    let length = cut ? cut.length + 1 : word.length
    if (rest[0] === '[' && rest.endsWith(']')) {
      highlights = rest.slice(1, -1)
      length = rest.length
    } else if (cut && references.length) references.at(-1).cuts.push(cut)
    else if (word === 'comment' && references.length) references.at(-1).comment = true
    else length = pushReference(references, rest)
    rest = rest.slice(length).trim()
  }
  return { references, highlights }
}

// A name may have blanks only in its parameters: FILE#name(const std::string&
function pushReference(references, text) {
  const match = /^([^\s#]+)#([^\s(]+(?:\((?:[^\s()]|\s(?!\S+#|-\/|\[|comment\b))*\)?)?)/.exec(text)
  if (!match) throw new Error(`'${text.split(' ')[0]}' is not FILE#NAME`)
  references.push({
    file: match[1],
    name: match[2].replace(/(?<!operator\()\)$/, ''),
    cuts: [],
    comment: false,
  })
  return match[0].length
}

/** The lines of one reference, without a common indent: { file, name, lines }. */
export function excerpt(repository, reference) {
  const { file, name } = reference
  const source = readSource(repository, file)
  try {
    const { firstLine, lastLine } = find(source, name)
    const all = source.split('\n')
    const first = reference.comment ? commentAbove(all, firstLine) : firstLine
    const lines = cut(
      withoutIndent(all.slice(first - 1, lastLine).filter((l) => !isMark(l))),
      reference.cuts,
    )
    return { file, name, lines }
  } catch (error) {
    throw new Error(`${file}#${name}: ${error.message}`)
  }
}

function readSource(repository, file) {
  const whole = path.resolve(repository, file)
  if (path.relative(repository, whole).startsWith('..')) throw new Error(`${file} is elsewhere`)
  if (!/\.[ch]pp$/.test(file)) throw new Error(`${file} is no C++ file (.cpp, .hpp)`)
  if (!fs.existsSync(whole)) throw new Error(`${file}: there is no such file`)
  return fs.readFileSync(whole, 'utf8')
}

const isMark = (line) => /^\s*\/\/ (end)?region [\w-]+$/.test(line)

function commentAbove(lines, firstLine) {
  let first = firstLine
  while (first > 1 && /^\s*\/\//.test(lines[first - 2]) && !isMark(lines[first - 2])) first--
  if (first === firstLine) throw new Error('no comment stands above it')
  return first
}

function withoutIndent(lines) {
  const indent = Math.min(...lines.filter((l) => l.trim()).map((l) => l.search(/\S/)))
  return lines.map((line) => line.slice(indent))
}

function cut(lines, patterns) {
  const gone = new Set()
  for (const pattern of patterns) {
    const [first, last] = pattern.braces ? inBraces(pattern, lines) : rangeOf(pattern, lines)
    for (let i = first; i <= last; i++) gone.add(i)
  }
  return lines.flatMap((line, i) => {
    if (!gone.has(i)) return [line]
    return gone.has(i - 1) ? [] : [`${/^ */.exec(line)[0]}// ...`]
  })
}

// The lines between the braces; the braces stay.
function inBraces(pattern, lines) {
  const [first, last] = rangeOf(pattern, lines)
  if (last - first < 2) throw new Error(`/${pattern.from}/{}: nothing stands between its braces`)
  return [first + 1, last - 1]
}
