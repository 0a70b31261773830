// The moves of the steps: what the deck knows of them, and the program as it is after each.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { excerpt } from './excerpt.mjs'

const numberOf = (file) => Number(file.split('_')[0])
const folders = new Map() // of the unpacked states, by the folder of their step

/** The steps of a repository, in order: the names of their folders. */
export const stepsOf = (repository) =>
  fs
    .readdirSync(repository)
    .filter((name) => /^step\d\d_/.test(name))
    .sort()

/** The moves of a step, in order: [{ number, title, minutes, see }]; none if it is not cut. */
export function movesOf(repository, step) {
  const folder = path.join(repository, step, 'moves')
  if (!fs.existsSync(folder)) return []
  const files = fs.readdirSync(folder).filter((file) => file.endsWith('.patch'))
  return files
    .sort((a, b) => numberOf(a) - numberOf(b))
    .map((file) => {
      const text = fs.readFileSync(path.join(folder, file), 'utf8')
      const field = (name) => new RegExp(`^${name}: *(.*)$`, 'm').exec(text)[1]
      return {
        number: `${Number(step.slice(4, 6))}.${numberOf(file)}`,
        title: field('Title'),
        minutes: Number(field('Minutes')),
        see: field('See'),
      }
    })
}

/** The move of this number, with its step: { step, number, title, minutes, see }. */
export function findMove(repository, number) {
  for (const step of stepsOf(repository)) {
    const move = movesOf(repository, step).find((each) => each.number === number)
    if (move) return { step, ...move }
  }
  throw new Error(`there is no move '${number}'`)
}

// The folders with the states of a step: the one before the first move, then one after each.
function statesOf(repository, step) {
  const key = path.join(repository, step)
  if (!folders.has(key)) folders.set(key, unpack(repository, step))
  return folders.get(key)
}

function unpack(repository, step) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'deck-moves-'))
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }))
  const program = path.join(repository, 'tests/moves/moves.py')
  execFileSync('python3', ['-B', program, 'unpack', String(Number(step.slice(4, 6))), folder])
  const names = fs.readdirSync(folder).sort((a, b) => numberOf(a) - numberOf(b))
  return names.map((name) => path.join(folder, name))
}

/** What a move changes: the excerpts of two references, before it and after it. */
export function changeOf(repository, number, before, after) {
  const { step } = findMove(repository, number)
  const states = statesOf(repository, step)
  const index = Number(number.split('.')[1])
  const parts = [excerpt(states[index - 1], before), excerpt(states[index], after)]
  if (parts[0].lines.join('\n') === parts[1].lines.join('\n'))
    throw new Error(`move ${number} does not change ${after.file}#${after.name}`)
  return parts.map((part) => ({ ...part, file: `${step}/${part.file}` }))
}

/** The numbers of the moves in which a piece of a step's code is written or changed. */
export function movesOfCode(repository, { file, name }) {
  const [step, ...rest] = file.split('/')
  if (!movesOf(repository, step).length) return []
  const reference = { file: rest.join('/'), name, cuts: [], comment: false }
  const texts = statesOf(repository, step).map((folder) => textIn(folder, reference))
  return texts.flatMap((text, i) =>
    i && text !== texts[i - 1] && text ? [`${Number(step.slice(4, 6))}.${i}`] : [],
  )
}

// The text of a piece of code in a state; nothing where it is not there yet.
function textIn(folder, reference) {
  try {
    return excerpt(folder, reference).lines.join('\n')
  } catch {
    return ''
  }
}
