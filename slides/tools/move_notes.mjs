// What a slide says of the moves: which one it shows, which its code comes from, and which of its
// step are to be typed where there is time for it.
import { escapeHtml } from './code.mjs'
import { findMove, movesOfCode } from './moves.mjs'

const compare = (a, b) => a.localeCompare(b, 'en', { numeric: true })
const named = (move) => `${move.number} ${move.title} (${move.minutes} min)`

/** The moves of a slide: `shown` are the references to code, `typed` is the move that it shows. */
export class Moves {
  constructor(slide, { repository }, { shown, typed }) {
    const find = (number) => findMove(repository, number)
    const numbers = shown.flatMap((reference) => movesOfCode(repository, reference))
    this.typed = typed
    this.sources = [...new Set(numbers)].sort(compare).map(find)
    this.chosen = (slide.settings.type ?? '').split(/\s+/).filter(Boolean).map(find)
    this.checkSteps(slide)
  }

  // The slide that opens a step says which of its moves are worth typing.
  checkSteps({ step }) {
    const other = this.chosen.find((move) => move.step !== step)
    if (other) throw new Error(`@type ${other.number} is no move of ${step}`)
  }

  /** What stands above the heading. */
  label() {
    if (this.typed) {
      const { number, title } = this.typed
      return `<em class="typed">move ${number}: ${escapeHtml(title)}</em>`
    }
    if (!this.sources.length) return ''
    const numbers = this.sources.map((move) => move.number)
    return `<em>${numbers.length > 1 ? 'moves' : 'move'} ${numbers.join(', ')}</em>`
  }

  /** What stands in the notes, from the moves' own data. */
  note() {
    const lines = []
    if (this.typed)
      lines.push(['This is move', `${named(this.typed)}. To see it: ${this.typed.see}`])
    if (this.sources.length) lines.push(['Built by:', list(this.sources)])
    if (this.chosen.length)
      lines.push([
        'By hand, on a day of its own:',
        `${list(this.chosen)}; together ${sum(this.chosen)} min`,
      ])
    return lines
      .map(([head, text]) => `<p class="moves"><b>${head}</b> ${escapeHtml(text)}</p>`)
      .join('')
  }
}

const list = (moves) => moves.map(named).join(', ')
const sum = (moves) => moves.reduce((all, move) => all + move.minutes, 0)
