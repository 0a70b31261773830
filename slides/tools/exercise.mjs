// An exercise as it stands on the wall while the room works on it.
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import MarkdownIt from 'markdown-it'
import { excerpt, readReferences } from './excerpt.mjs'

const markdown = new MarkdownIt({ html: false })
const KEYS = ['open', 'do', 'first', 'stuck']
const lists = new Map()

/** The exercises of a repository: their titles, by number. */
export function exercisesOf(repository) {
  if (!lists.has(repository)) {
    const program = path.join(repository, 'tests/exercises/exercises.py')
    const text = execFileSync('python3', ['-B', program], { encoding: 'utf8' })
    const found = [...text.matchAll(/^ +(\d[a-z]) +(.+?) *$/gm)]
    lists.set(repository, new Map(found.map(([, number, title]) => [number, title])))
  }
  return lists.get(repository)
}

// Reads 'KEY: TEXT' lines.
function readFields(lines) {
  const fields = {}
  for (const line of lines.filter((text) => text.trim())) {
    const [, key, text] = /^(\w+): *(.+)$/.exec(line) ?? []
    if (!KEYS.includes(key))
      throw new Error(`cannot read '${line}' in an exercise; it has: ${KEYS.join(', ')}`)
    fields[key] = text
  }
  for (const key of ['open', 'do'])
    if (!fields[key]) throw new Error(`an exercise says '${key}: ...'`)
  return fields
}

// The places in the code, each of which has to be there: `my_server/src/x.cpp`, `f()`.
function placesOf(repository, step, text) {
  const { references } = readReferences(text)
  return references.map((reference) => {
    excerpt(repository, { ...reference, file: `${step}/${reference.file}` })
    const name = /^[a-z]/.test(reference.name.split('::').at(-1))
      ? `${reference.name}()`
      : reference.name
    return `\`my_server/${reference.file}\`, \`${name}\``
  })
}

/** Draws exercise `number` of the slide { title, step, minutes }. */
export function drawExercise(repository, { title, step, minutes }, number, lines) {
  const all = exercisesOf(repository)
  if (!all.has(number)) throw new Error(`there is no exercise '${number}'`)
  if (title.toLowerCase() !== `${number} ${all.get(number)}`.toLowerCase())
    throw new Error(`exercise ${number} is called '${all.get(number)}'`)
  const fields = readFields(lines)
  const others = [...all].filter(([other]) => other[0] === number[0] && other !== number)
  const rows = {
    begin: `\`./workshop start ${number[0]}\``,
    open: placesOf(repository, step, fields.open).join('; '),
    do: fields.do,
    'say first': fields.first,
    'done when': `\`./workshop exercise ${number}\` says **done**`,
    'stuck?': [`\`./workshop exercise ${number} --hint\``, fields.stuck].filter(Boolean).join('; '),
    'ready early?': others.map(([other, name]) => `${other} ${name}`).join(', or '),
  }
  const shown = Object.entries(rows).filter(([, text]) => text)
  const row = ([name, text]) => `<dt>${name}</dt><dd>${markdown.renderInline(text)}</dd>`
  return `<p class="clock">${minutes} minutes</p><dl class="task">${shown.map(row).join('')}</dl>`
}
