// The plans of teaching/README.md, from the minutes of the deck. `npm run plan` writes them there.
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildDeck } from './build.mjs'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
const PAGE = path.join(root, 'teaching/README.md')
export const PLANS = { short: 'short', 'half a day': 'full' } // the name of a plan, and its deck

const clock = (minutes) =>
  `${Math.floor(minutes / 60)}:${String(Math.floor(minutes % 60)).padStart(2, '0')}`

/** The parts of a deck, in order: [{ at, minutes, what }]. A break is a part of its own. */
export function partsOf(slides) {
  const parts = []
  let at = 0
  for (const { part, minutes } of slides) {
    if (part) parts.push({ at, minutes: 0, what: part })
    if (!parts.length) throw new Error('the first slide of a deck has @part')
    parts.at(-1).minutes += minutes
    at += minutes
  }
  return parts
}

/** The table of a plan. */
export function tableOf(parts) {
  const rows = parts.map(({ at, minutes, what }) => `| ${clock(at)} | ${minutes} | ${what} |`)
  return ['| at | minutes | what |', '|---|---|---|', ...rows].join('\n')
}

/** The page with the tables as the decks have them; throws if it has no place for one. */
export function withPlans(text) {
  return Object.entries(PLANS).reduce((page, [name, deck]) => {
    const place = new RegExp(`(<!-- plan: ${name} -->\\n)[^]*?(<!-- end of the plan -->)`)
    if (!place.test(page)) throw new Error(`teaching/README.md has no <!-- plan: ${name} -->`)
    const table = tableOf(partsOf(buildDeck({ deck }).list))
    return page.replace(place, (_, before, after) => `${before}${table}\n${after}`)
  }, text)
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  fs.writeFileSync(PAGE, withPlans(fs.readFileSync(PAGE, 'utf8')))
