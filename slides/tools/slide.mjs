// Makes the HTML of a slide from what deck.mjs has read.
import fs from 'node:fs'
import path from 'node:path'
import MarkdownIt from 'markdown-it'
import { drawBars, drawTable } from './bench.mjs'
import * as code from './code.mjs'
import { at, Fault } from './deck.mjs'
import { difference } from './diff.mjs'
import { drawExercise } from './exercise.mjs'
import { excerpt, readReferences } from './excerpt.mjs'
import { drawLadder } from './ladder.mjs'
import { drawMap } from './map.mjs'
import { Moves } from './move_notes.mjs'
import { changeOf, findMove } from './moves.mjs'
import { highlightStates } from './pattern.mjs'
import { drawSequence, readSequence } from './sequence.mjs'

const markdown = new MarkdownIt({ html: false })
const MAX_LINES = 16,
  MAX_LINES_DENSE = 18
const CONTENT = { width: 1184, height: 566 } // px, of a slide of 1280 x 720; as in deck.css
const BLOCK_MARGINS = 42, // the padding of a block and what is below, in px
  BORDER = 4, // what that of a terminal adds
  BELOW_DRAWING = 20, // a code's last margin may stand over the foot, a drawing may not
  CAPTION = 30 // what a caption adds
const CODE_WIDTH = 1200,
  CODE_PADDING = 32 // a block as wide as the slide goes over its margins

// The glyphs of the fonts that are embedded (the Latin subsets of Inter and JetBrains Mono).
const NO_GLYPH =
  /[^\n -~\u00a0-\u00ff\u0131\u0152\u0153\u2010-\u2027\u2030-\u205e\u20ac\u2122\u2191\u2193\u2212]/

// About how high a text will be, in px: what the code gets is the rest.
function roughHeight(text, width) {
  const lines = text.join('\n').trim().split('\n')
  const sum = lines.reduce((all, line) => all + roughRows(line, width), 0)
  return 45 * sum + (lines.some((line) => line.startsWith('>')) ? 46 : 18)
}

function roughRows(line, width) {
  if (!line.trim()) return 0.4
  if (line.startsWith('|')) return /[^| :-]/.test(line) ? 1.25 : 0.1
  const more = line.startsWith('- ') ? 0.25 : 0
  return Math.ceil((line.replace(/[*`>]/g, '').length * 14.5) / width) + more
}

const LANGUAGES = ['text', 'http', 'python', 'json']

class Maker {
  // `left` is the height that is left for code, in letters of `size`, `space` what is for drawings.
  constructor(slide, { repository, morphs }, { size, left, space }) {
    Object.assign(this, { slide, repository, morphs, size, left, space })
    this.base = 0 // clicks so far
    this.previous = 0 // where the clicks of the last block began
    this.least = 0 // clicks of what @with has joined
    this.columns = null // the shares of the columns that are open, and which of them we are in
    this.html = []
    this.blocks = [] // of code, as measure() gives them
    this.textHeight = 0
    this.shown = [] // the references to code
    this.typed = null // the move that changes it
  }

  make() {
    for (const node of this.slide.nodes) at(node.line, () => this.node(node))
    if (this.columns) throw new Fault('@columns without @end')
    const { shown, typed } = this
    return { html: this.html.join('\n'), clicks: this.base, shown, typed }
  }

  node({ kind, name, rest, info, lines }) {
    if (kind === 'text') return this.text(checkGlyphs(lines))
    if (kind === 'fence') return this.fence(info, lines)
    if (!DIRECTIVES[name]) {
      throw new Error(
        `there is no directive @${name}; there are: ${Object.keys(DIRECTIVES).join(', ')}`,
      )
    }
    DIRECTIVES[name].call(this, rest)
  }

  // Adds what appears with the click that has been reached, and takes `states` - 1 clicks itself.
  add(html, states = 1) {
    this.html.push(this.base ? `<div data-from="${this.base}">${html}</div>` : html)
    this.previous = this.base
    this.base = Math.max(this.base + states - 1, this.least)
  }

  get width() {
    if (!this.columns) return CONTENT.width
    const { shares, index } = this.columns
    const sum = shares.reduce((a, b) => a + b)
    return ((CONTENT.width - 32 * (shares.length - 1)) * shares[index]) / sum
  }

  get share() {
    return this.columns ? 1 / this.columns.shares.length : 1
  }

  text(lines) {
    this.textHeight += this.share * roughHeight(lines, this.width)
    this.add(markdown.render(lines.join('\n')))
  }

  // Notes a block of code, which may have several versions; returns its size and width.
  sizeOf(versions, { more = 0, wraps = false } = {}) {
    const width = this.columns ? this.width - CODE_PADDING : CODE_WIDTH
    const blocks = versions.map((lines) => {
      this.checkRows(lines)
      const block = code.measure(lines, width, { share: this.share, wraps })
      code.checkWidth(lines, block)
      return block
    })
    const longest = (a, b) => (b.lines.length > a.lines.length ? b : a)
    const widest = Math.max(...blocks.map((block) => block.columns))
    this.blocks.push({ ...blocks.reduce(longest), columns: widest })
    this.textHeight += this.share * (BLOCK_MARGINS + more)
    return { size: this.size, width }
  }

  checkRows(lines) {
    const most = this.slide.settings.layout === 'dense' ? MAX_LINES_DENSE : MAX_LINES
    if (lines.length > most)
      throw new Error(`${lines.length} lines, and a slide has at most ${most}`)
  }

  fence(info, lines) {
    if (info === 'sequence') return this.sequence(lines)
    if (info.startsWith('exercise ')) return this.exercise(info.slice(9), lines)
    checkGlyphs(lines)
    if (info === 'console' || info === 'console no-run') {
      return this.add(code.terminal(lines, this.sizeOf([lines], { more: BORDER })))
    }
    if (/^(c|cc|cpp|c\+\+|cxx|h|hpp)$/i.test(info)) {
      throw new Error('C++ is not typed on a slide: @code FILE#NAME shows it from a step')
    }
    const [, language, , highlights = 'all'] = /^(\S*)( \[(.*)\])?/.exec(info)
    if (!LANGUAGES.includes(language))
      throw new Error(`no fence of '${info}' on a slide: see README.md`)
    if (language === 'text' && looksLikeCpp(lines)) {
      throw new Error('this text looks like C++: @code FILE#NAME shows it from a step')
    }
    const states = highlightStates(highlights, lines)
    const { base } = this
    const place = this.sizeOf([lines], { wraps: true })
    this.add(code.codeBlock(lines, language, { ...place, states, base }), states.length)
  }

  exercise(number, lines) {
    if (this.slide.settings.layout !== 'exercise') throw new Error('@layout exercise')
    this.add(drawExercise(this.repository, this.slide, number, checkGlyphs(lines)))
  }

  // The picture of a file, as wide as the slide's height allows.
  picture(text) {
    const [, file, what] = /^(\S+\.png) (.+)$/.exec(text) ?? []
    if (!file) throw new Error('@picture FILE.png WHAT IT SHOWS')
    const data = fs.readFileSync(path.join(this.repository, file)).toString('base64')
    this.add(`<img src="data:image/png;base64,${data}" alt="${code.escapeHtml(what)}">`)
  }

  // What follows has the same clicks as what stands above it.
  with() {
    this.least = this.base
    this.base = this.previous
  }

  sequence(lines) {
    const read = readSequence(checkGlyphs(lines)),
      { base, width } = this
    const height = (this.columns ? CONTENT.height : this.space) - BELOW_DRAWING
    const place = { base, width, height }
    this.add(drawSequence(read, place), read.states)
  }

  excerpts(references) {
    return references.map((reference) => excerpt(this.repository, reference))
  }

  code(text) {
    const { references, highlights = 'all' } = readReferences(text)
    if (!references.length) throw new Error('@code FILE#NAME')
    const parts = this.excerpts(references)
    const lines = parts.flatMap((part, i) => (i ? ['', ...part.lines] : part.lines))
    const states = highlightStates(highlights, lines)
    this.shown.push(...references)
    const block = code.codeBlock(lines, 'cpp', {
      ...this.sizeOf([lines], { more: CAPTION, wraps: true }),
      states,
      base: this.base,
    })
    this.add(figure(block, [...new Set(parts.map((p) => p.file))].join(', ')), states.length)
  }

  diff(text) {
    const { references, highlights } = readReferences(text)
    if (references.length !== 2 || highlights) throw new Error('@diff FILE#NAME FILE#NAME')
    const [before, after] = this.excerpts(references)
    const place = this.sizeOf([differenceLines(before, after)], { more: CAPTION, wraps: true })
    this.add(figure(code.diffBlock(before.lines, after.lines, 'cpp', place), fromTo(before, after)))
  }

  // On the screen the code as it was before a move changes into the code after it; on paper stands
  // what has changed.
  move(text) {
    const [, number, rest] = /^(\d+\.\d+) (.+)$/.exec(text) ?? []
    if (!number) throw new Error('@move NUMBER FILE#NAME')
    if (this.typed) throw new Error('a slide shows one move')
    const { references, highlights } = readReferences(rest)
    if (!references.length || references.length > 2) throw new Error('@move NUMBER FILE#NAME')
    this.typed = findMove(this.repository, number)
    const parts = changeOf(this.repository, number, references[0], references.at(-1))
    const { html, clicks } = this.morph(parts, highlights)
    const paper = this.onPaper(...parts)
    this.add(`<div class="screen">${html}</div><div class="paper">${paper}</div>`, clicks)
  }

  // One version that changes into the next with a click; then perhaps highlights, a click each.
  morph(parts, highlights) {
    const versions = parts.map((part) => part.lines),
      { base } = this
    const { size } = this.sizeOf(versions, { more: CAPTION })
    const rows = Math.max(...versions.map((lines) => lines.length))
    const number = this.morphs.push(code.morphStates(versions, 'cpp')) - 1
    let html = code.morphBlock(number, { size, base, rows, until: highlights && base + 2 })
    let states = [null]
    if (highlights) {
      states = highlightStates(`all | ${highlights}`, versions.at(-1))
      const attributes = `data-after="${base + 2}"`
      html += code.codeBlock(versions.at(-1), 'cpp', { size, states, base: base + 1, attributes })
    }
    return { html: figure(html, parts[0].file), clicks: 1 + states.length }
  }

  // The change from one version to the next, or only the new one if both do not fit.
  onPaper(before, after) {
    const place = (lines) => {
      const block = code.measure(lines, CODE_WIDTH, { wraps: true })
      const size = code.fittingSize([block], this.left)
      return { size, width: CODE_WIDTH, fits: code.isFitting(block, size, this.left) }
    }
    const both = place(differenceLines(before, after))
    const block = both.fits
      ? code.diffBlock(before.lines, after.lines, 'cpp', both)
      : code.codeBlock(after.lines, 'cpp', place(after.lines))
    return figure(block, after.file)
  }

  map(text) {
    if (!this.slide.step)
      throw new Error('@map needs a step: @step NAME on this slide or before it')
    if (this.columns) throw new Error('@map needs the whole width of a slide')
    this.add(drawMap(this.repository, this.slide.step, text ? text.split(/\s*,\s*/) : []))
  }

  click() {
    this.base++
  }

  openColumns(text) {
    if (this.columns) throw new Error('@columns in @columns')
    const shares = (text || '1:1').split(':').map(Number)
    if (!shares.every((share) => share > 0)) throw new Error('@columns 2:1')
    this.columns = { shares, index: 0 }
    const widths = shares.map((share) => `minmax(0,${share}fr)`).join(' ')
    this.html.push(`<div class="columns" style="grid-template-columns:${widths}"><div>`)
  }

  nextColumn() {
    if (!this.columns || ++this.columns.index >= this.columns.shares.length) {
      throw new Error('@next needs @columns with one more column')
    }
    this.html.push('</div><div>')
  }

  closeColumns() {
    if (!this.columns) throw new Error('@end needs @columns')
    this.columns = null
    this.html.push('</div></div>')
  }
}

const {
  code: showCode,
  diff,
  move,
  map,
  click,
  with: together,
  picture,
  openColumns,
  nextColumn,
  closeColumns,
} = Maker.prototype
const DIRECTIVES = {
  code: showCode,
  diff,
  move,
  map,
  click,
  with: together,
  picture,
  columns: openColumns,
  next: nextColumn,
  end: closeColumns,
  bench(text) {
    this.add(drawBars(this.repository, text, this.width))
  },
  results(text) {
    this.add(drawTable(this.repository, text))
  },
}

const figure = (html, source) =>
  `<figure>${html}<figcaption>${code.escapeHtml(source)}</figcaption></figure>`
const fromTo = (before, after) => `${before.file} \u2212 + ${after.file}`
const differenceLines = (before, after) =>
  difference(before.lines, after.lines).map(([sign, line]) => `${sign} ${line}`)

function checkGlyphs(lines) {
  const lost = NO_GLYPH.exec(lines.join('\n'))
  if (lost) throw new Error(`the fonts of the deck have no '${lost[0]}'`)
  return lines
}

const looksLikeCpp = (lines) =>
  lines.some((line) =>
    /\bco_await\b|\bstd::|^\s*#include|^\s*(const )?\w+(::\w+)*[&*]? \w+ ?(=|\().*;$/.test(line),
  )

// The notes: what is said at once, and after each click.
function notesOf({ notes }, clicks) {
  const [atOnce, ...perClick] = notes.join('\n\n').split(/^\[click\]\s*/m)
  if (perClick.length && perClick.length !== clicks) {
    throw new Fault(`${perClick.length} [click] notes for ${clicks} clicks`)
  }
  return {
    atOnce: markdown.render(atOnce),
    perClick: perClick.map((text) => markdown.render(text)),
  }
}

const aside = (html) => (html ? `<aside class="notes">${html}</aside>` : '')

// Made twice: when all blocks of code are known, so is the size that fits all of them.
function makeContent(slide, context) {
  const all = { size: 20, left: CONTENT.height, space: CONTENT.height }
  const draft = new Maker(slide, { ...context, morphs: [] }, all)
  draft.make()
  const left = CONTENT.height - draft.textHeight
  const size = code.fittingSize(draft.blocks, left)
  const space = left - code.heightOf(draft.blocks, size)
  return new Maker(slide, context, { size, left, space }).make()
}

// The deck of 90 minutes does without it.
const isOptional = ({ settings }) => settings.short === 'skip' && settings.layout !== 'break'
const LEAVE_OUT = '<p class="moves"><b>If you are late:</b> leave this slide out.</p>'

/** A slide, { html, notes }: a section of reveal.js, and what is said at each click. It begins at the minute `begins`, and takes so many. */
export function makeSlide(slide, context, { begins, minutes }) {
  const { html: content, clicks, shown, typed } = makeContent({ ...slide, minutes }, context)
  const moves = new Moves(slide, context, { shown, typed })
  const { atOnce, perClick } = notesOf(slide, clicks)
  const title = markdown.renderInline(checkGlyphs([slide.title])[0])
  const source = slide.settings.source
    ? `<footer>${markdown.renderInline(checkGlyphs([slide.settings.source])[0])}</footer>`
    : ''
  const isTitle = slide.settings.layout === 'title'
  const picture = isTitle ? drawLadder(context.repository, context.steps) : ''
  const marks = Array.from(
    { length: clicks },
    (_, i) => `<i class="fragment mark">${aside(perClick[i])}</i>`,
  )
  const ends = clock(begins + minutes)
  const time = `<p class="time">${minutes} min, from ${clock(begins)} to ${ends}</p>`
  const optional = isOptional(slide)
  const classes = [slide.settings.layout, optional && 'optional'].filter(Boolean).join(' ')
  const said = [(optional ? LEAVE_OUT : '') + moves.note() + atOnce, ...perClick]
  const html =
    `<section class="${classes}" data-timing="${Math.round(minutes * 60)}"` +
    ` data-source="deck/${slide.file}:${slide.line}" data-step="${slide.step ?? ''}">` +
    `${eyebrow(slide, context.steps, moves.label())}<h1>${title}</h1>` +
    `<div class="content">${content}</div>${picture}${source}` +
    `${marks.join('')}${aside(time + said[0])}</section>`
  return { html, notes: said }
}

const clock = (minutes) =>
  `${Math.floor(minutes / 60)}:${String(Math.floor(minutes % 60)).padStart(2, '0')}`

const LABELS = { exercise: 'Exercise', recap: 'Recap' }

// The line above the heading: the step, where it is on the ladder, and what kind of slide this is.
function eyebrow({ step, settings }, steps, moves) {
  const rungs = step
    ? steps
        .map((s) => `<i class="rung ${s < step ? 'done' : s === step ? 'now' : ''}"></i>`)
        .join('')
    : ''
  const label = LABELS[settings.layout] ? `<b>${LABELS[settings.layout]}</b>` : ''
  return `<p class="eyebrow">${step ? `<span>${step}</span>` : ''}${rungs}${moves}${label}</p>`
}

/** Throws if a slide names a step that is not there, or shows commands of none. */
export function checkStep(slide, steps) {
  for (const name of [slide.settings.step, slide.settings.server].filter(Boolean)) {
    if (!steps.includes(name))
      throw new Fault(`there is no '${name}'; there are: ${steps.join(', ')}`)
  }
  const commands = slide.nodes.find((node) => node.kind === 'fence' && node.info === 'console')
  if (commands && !slide.step && !slide.settings.server) {
    throw new Fault('commands need a server: @step NAME, or @server NAME', commands.line)
  }
}
