// The functions that a slide's text, notes and diagrams name: each is in a step, as the code is.
import fs from 'node:fs'
import path from 'node:path'
import { Fault } from './deck.mjs'

const SYSTEM = ['read', 'sleep'] // what is not ours: calls of the system
const IN_TEXT = /`(?:\w+(?:::|\.))*(\w+)\([^`]*\)`/g // `fill()`, `Session::run()`, `body.next()`
const IN_DRAWING = /\b(\w+)\(/g

const readCode = (file) => fs.readFileSync(file, 'utf8').replace(/\/\/.*/g, '')

// All code below a folder, as one text.
function codeIn(folder) {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const file = path.join(folder, entry.name)
      if (entry.isDirectory()) return codeIn(file)
      return /\.[ch]pp$/.test(file) ? readCode(file) : ''
    })
    .join('\n')
}

function namesOf({ nodes, notes }) {
  const names = (text, pattern, line) =>
    [...text.matchAll(pattern)].map((match) => ({ name: match[1], line }))
  const shown = nodes.flatMap(({ kind, info, lines, line }) => {
    if (kind === 'text') return names(lines.join('\n'), IN_TEXT, line)
    return info === 'sequence' ? names(lines.join('\n'), IN_DRAWING, line) : []
  })
  return [...shown, ...names(notes.join('\n'), IN_TEXT)]
}

/** Returns what throws if a slide names a function that neither its step nor one before has. */
export function nameChecker(repository, steps) {
  const code = new Map(steps.map((step) => [step, codeIn(path.join(repository, step, 'src'))]))
  return (slide) => {
    const known = steps.filter((step) => !slide.step || step <= slide.step)
    for (const { name, line } of namesOf(slide)) {
      const call = new RegExp(`\\b${name}\\(`)
      if (SYSTEM.includes(name) || known.some((step) => call.test(code.get(step)))) continue
      const where = slide.step ? `${slide.step} or a step before it` : 'any step'
      throw new Fault(`'${name}()' is named here, and not in ${where}`, line)
    }
  }
}
