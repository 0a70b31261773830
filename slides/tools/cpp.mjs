// Finds the functions, types and constants of a C++ source by their names. Not a compiler: it knows
// scopes, declarations and braces, which is all that a formatted source needs.

const LAST_NAME = /((?:~?\w+\s*::\s*)*~?\w+)\s*$/
const TYPE = /\b(class|struct|union|enum(?:\s+(?:class|struct))?)\s+(?:\[\[.*?\]\]\s*)?([\w:]+)/
const OPERATOR = /((?:\w+\s*::\s*)*operator\s*(?:\(\)|\[\]|[^\w\s(]+|\s[\w:]+))\s*$/

// What is not code (comments, literals, preprocessor lines), each with the same number of octets.
const NOT_CODE = new RegExp(
  [
    String.raw`\/\/[^\n]*`,
    String.raw`\/\*[\s\S]*?\*\/`,
    String.raw`R"([^(\s]*)\([\s\S]*?\)\1"`,
    String.raw`"(?:[^"\\\n]|\\.)*"`,
    String.raw`(?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)+'`,
    String.raw`^[ \t]*#(?:[^\n\\]|\\[\s\S])*`,
  ].join('|'),
  'gm',
)

/** The source with blanks for all that is not code, so that its braces are those of the code. */
export const onlyCode = (source) => source.replace(NOT_CODE, (text) => text.replace(/[^\n]/g, ' '))

const PAIRS = { '(': ')', '[': ']', '{': '}' }

/** The position of the bracket that closes the one at `open`, in code. */
export function closing(code, open) {
  const wanted = []
  for (let i = open; i < code.length; i++) {
    if (PAIRS[code[i]]) wanted.push(PAIRS[code[i]])
    else if (code[i] === wanted.at(-1) && wanted.pop() && !wanted.length) return i
  }
  throw new Error(`a '${code[open]}' is never closed`)
}

// The position of the first '(' outside of template arguments, where a parameter list begins.
function parameterList(head) {
  let angles = 0
  for (let i = 0; i < head.length; i++) {
    if (
      head[i] === '<' &&
      /\w\s*$/.test(head.slice(0, i)) &&
      !/operator\s*$/.test(head.slice(0, i))
    )
      angles++
    else if (head[i] === '>' && angles) angles--
    else if (head[i] === '(' && !angles) {
      const before = head.slice(0, i)
      if (/\b(decltype|noexcept|alignas|explicit|requires)\s*$/.test(before)) i = closing(head, i)
      else if (/operator\s*$/.test(before)) i++
      else return i
    }
  }
  return -1
}

const withoutTemplate = (head) =>
  head.replace(/^\s*template\s*<(?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*>/, ' ')

const NO_NAME = /^\s*(friend|using\s+namespace|static_assert|return)\b|^\s*using\s[^=]*$/

// The text up to the '{' of an initializer.
function withoutInitializer(head) {
  for (let i = 0; i < head.length; i++) {
    if (head[i] === '{') return head.slice(0, i)
    if (head[i] === '(' || head[i] === '[') i = closing(head, i)
  }
  return head
}

// The declared name and what kind of thing it names, from the text up to '{' or ';'.
function declared(text, body) {
  const head = withoutInitializer(withoutTemplate(text).replace(/\[\[.*?\]\]/g, ' '))
  if (NO_NAME.test(head)) return null
  const list = parameterList(head)
  const beforeList = list < 0 ? head : head.slice(0, list)
  const value = beforeList.search(/(?<!operator\s*|[=!<>])=(?!=)/)
  if (list >= 0 && value < 0) return declaredFunction(head, list)
  const type = TYPE.exec(beforeList)
  if (type && value < 0) return body ? { kind: 'type', name: type[2] } : null
  const left = value < 0 ? beforeList : beforeList.slice(0, value)
  const name = /([\w:]+)\s*(?:\[[^\]]*\])?\s*$/.exec(left)?.[1]
  return name ? { kind: 'value', name } : null
}

function declaredFunction(head, list) {
  const before = head.slice(0, list)
  const name = OPERATOR.exec(before)?.[1] ?? LAST_NAME.exec(before)?.[1]
  return name
    ? { kind: 'function', name, parameters: head.slice(list + 1, closing(head, list)) }
    : null
}

// Whether the '{' after this head initializes a member in a constructor's list, and is no body.
const initializesMember = (head) =>
  /\)\s*(?:noexcept\s*)?:(?!:)/.test(head) && /[\w>]\s*$/.test(head) && !/\bnoexcept\s*$/.test(head)

const nameParts = (name) => name.replace(/\s+/g, '').split('::').filter(Boolean)

class Scanner {
  constructor(source) {
    this.code = onlyCode(source)
    this.found = []
  }

  // Reads the declarations from `at` to `end`, which stand in the scope with these names.
  scope(at, end, names) {
    let start = at
    for (let i = at; i < end; i++) {
      const c = this.code[i]
      if (c === '(' || c === '[') i = closing(this.code, i)
      else if (c === ':' && this.endsLabel(start, i)) start = i + 1
      else if (c === ';') start = this.declaration(start, i, names)
      else if (c === '{') {
        const close = closing(this.code, i)
        const next = this.braces(start, i, close, names)
        if (next >= 0) start = next
        i = Math.max(close, next - 1)
      }
    }
  }

  endsLabel(start, i) {
    return /^\s*(public|private|protected)\s*$/.test(this.code.slice(start, i))
  }

  declaration(start, semicolon, names) {
    this.note(declared(this.code.slice(start, semicolon), false), start, semicolon, names, false)
    return semicolon + 1
  }

  // Returns where the next declaration starts, or -1 if this one goes on behind the braces.
  braces(start, open, close, names) {
    const head = this.code.slice(start, open)
    const space = /^\s*(?:inline\s+)?namespace\b\s*([\w:]*)\s*$/.exec(head)
    if (space || /^\s*extern\s*$/.test(head)) {
      this.scope(open + 1, close, [...names, ...nameParts(space?.[1] ?? '')])
      return close + 1
    }
    if (initializesMember(head)) return -1
    const what = declared(head, true)
    if (what?.kind === 'value') return -1
    const semicolon = what?.kind === 'type' ? this.code.indexOf(';', close) : close
    this.note(what, start, semicolon, names, true)
    if (what?.kind === 'type' && !/\benum\b/.test(head)) {
      this.scope(open + 1, close, [...names, ...nameParts(what.name)])
    }
    return semicolon + 1
  }

  note(what, start, end, names, body) {
    if (!what?.name) return
    const first = start + this.code.slice(start).search(/\S/)
    const path = [...names, ...nameParts(what.name)]
    this.found.push({ ...what, path, body, first, last: end })
  }
}

/** What a source declares: [{ kind, path, parameters, body, firstLine, lastLine }], from line 1. */
export function declarations(source) {
  const scanner = new Scanner(source)
  scanner.scope(0, source.length, [])
  const lineOf = (position) => source.slice(0, position).split('\n').length
  return scanner.found.map(({ first, last, ...rest }) => ({
    ...rest,
    firstLine: lineOf(first),
    lastLine: lineOf(last),
  }))
}

/** The regions of a source, marked by `// region NAME` and `// endregion NAME`. */
export function regions(source) {
  const found = [],
    open = new Map()
  source.split('\n').forEach((text, i) => {
    const mark = /^\s*\/\/ (end)?region ([\w-]+)$/.exec(text)
    if (!mark) return
    const [, ends, name] = mark
    if (!ends && open.has(name)) throw new Error(`region '${name}' begins twice (line ${i + 1})`)
    if (ends && !open.has(name)) throw new Error(`region '${name}' ends without a beginning`)
    if (!ends) return open.set(name, i + 2)
    found.push({ kind: 'region', path: [name], body: true, firstLine: open.get(name), lastLine: i })
    open.delete(name)
  })
  for (const name of open.keys()) throw new Error(`region '${name}' has no end`)
  return found
}

// A constructor has the name of its type: it is meant only where both are given.
function isNamed(item, wanted) {
  const { path } = item
  if (wanted.length === 1 && path.length > 1 && path.at(-1) === path.at(-2)) return false
  return (
    wanted.length <= path.length && wanted.every((part, i) => part === path.at(i - wanted.length))
  )
}

/** Finds the one thing that `name` means in a source; throws if there is none, or more than one. */
export function find(source, name) {
  const [, plain, parameters] = /^([^(]*operator\(\)|[^(]*)(?:\((.*))?$/.exec(name)
  const all = [...declarations(source), ...regions(source)]
  let found = all.filter((item) => isNamed(item, nameParts(plain)))
  if (parameters !== undefined) {
    found = found.filter((f) => f.parameters?.replace(/\s+/g, ' ').trim().startsWith(parameters))
  }
  if (found.some((f) => f.body)) found = found.filter((f) => f.body)
  if (found.length === 1) return found[0]
  if (found.length) {
    const lines = found.map((f) => f.firstLine).join(', ')
    throw new Error(
      `'${name}' is ambiguous: lines ${lines}; add an outer name, or '(' and parameters`,
    )
  }
  const names = [...new Set(all.filter((f) => f.body).map((f) => f.path.join('::')))]
  throw new Error(`there is no '${name}'; there are: ${names.join(', ') || 'no names'}`)
}
