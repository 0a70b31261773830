// Reads the deck's files into slides. What a slide shows is made by slide.mjs.
import fs from 'node:fs'
import path from 'node:path'

/** What is wrong with a slide, at a line of the deck's file if the fault knows it. */
export class Fault extends Error {
  constructor(message, line) {
    super(message)
    this.line = line
  }
}

/** Runs `work`; what it throws becomes a fault at this line. */
export function at(line, work) {
  try {
    return work()
  } catch (error) {
    if (error instanceof Fault && error.line) throw error
    throw new Fault(error.message, line)
  }
}

const SETTINGS = ['minutes', 'step', 'server', 'layout', 'source', 'type', 'short', 'part']

/** How long a slide takes in a deck, 'full' or 'short'; 0 if it is not in it. */
export function minutesIn(deck, { settings }) {
  const { minutes, short = minutes } = settings
  if (deck === 'full') return Number(minutes)
  return short === 'skip' ? 0 : Number(short)
}

/** The slides of all *.md files of a directory, in order. Their faults are given to `complain`. */
export function readDeck(directory, complain) {
  const files = fs
    .readdirSync(directory)
    .filter((file) => file.endsWith('.md'))
    .sort()
  return files.flatMap((file) => {
    let step
    const text = fs.readFileSync(path.join(directory, file), 'utf8')
    return splitSlides(text).map(({ lines, first }, index) => {
      const slide = { file, number: index + 1, line: first, settings: {}, notes: [], nodes: [] }
      try {
        readSlide(slide, lines, first)
      } catch (error) {
        complain(slide, error)
      }
      slide.step = step = slide.settings.step ?? step
      return slide
    })
  })
}

const FENCE = /^(`{3,})(.*)$/

// A line '---' separates slides, where it is not part of a fence or of the notes.
function splitSlides(text) {
  const slides = [{ first: 1, lines: [] }]
  let fence = null,
    notes = false
  text.split('\n').forEach((line, i) => {
    const mark = FENCE.exec(line)?.[1]
    if (fence) fence = line === fence ? null : fence
    else if (mark && !notes) fence = mark
    else notes = notes ? !line.includes('-->') : line.startsWith('<!--') && !line.includes('-->')
    if (line === '---' && !fence && !notes) slides.push({ first: i + 2, lines: [] })
    else slides.at(-1).lines.push(line)
  })
  return slides.filter((slide) => slide.lines.some((line) => line.trim()))
}

function readSlide(slide, lines, first) {
  const blank = lines.findIndex((line) => line.trim())
  slide.line = first + blank
  slide.title = /^# (.+)$/.exec(lines[blank])?.[1]
  if (!slide.title) throw new Fault('a slide begins with a heading: # Title', slide.line)
  for (let i = blank + 1; i < lines.length;) i = readNode(slide, lines, i, first + i)
  checkSettings(slide)
}

// Reads what begins at lines[i]; returns where the next begins.
function readNode(slide, lines, i, line) {
  const text = lines[i]
  if (FENCE.test(text)) return readFence(slide, lines, i, line)
  if (text.startsWith('<!--')) return readNotes(slide, lines, i, line)
  const directive = /^@(\w+)(?:\s+(.*?))?\s*$/.exec(text)
  if (directive) readDirective(slide, directive[1], directive[2] ?? '', line)
  else if (slide.nodes.at(-1)?.kind === 'text') slide.nodes.at(-1).lines.push(text)
  else if (text.trim()) slide.nodes.push({ kind: 'text', line, lines: [text] })
  if (/^#+ /.test(text)) throw new Fault('one heading a slide: what follows is text', line)
  if (/^\s*<\/?[a-z!]/i.test(text)) throw new Fault('no HTML on a slide: see README.md', line)
  return i + 1
}

function readFence(slide, lines, i, line) {
  const [, mark, info] = FENCE.exec(lines[i])
  const end = lines.indexOf(mark, i + 1)
  if (end < 0) throw new Fault('this fence is never closed', line)
  slide.nodes.push({ kind: 'fence', line, info: info.trim(), lines: lines.slice(i + 1, end) })
  return end + 1
}

function readNotes(slide, lines, i, line) {
  let end = i
  while (end < lines.length && !lines[end].includes('-->')) end++
  if (end === lines.length) throw new Fault('these notes are never closed: -->', line)
  const text = lines
    .slice(i, end + 1)
    .join('\n')
    .trim()
  if (!text.endsWith('-->'))
    throw new Fault('nothing stands behind the end of the notes', line + end - i)
  slide.notes.push(text.slice(4, -3).trim())
  return end + 1
}

function readDirective(slide, name, rest, line) {
  if (!SETTINGS.includes(name)) return slide.nodes.push({ kind: 'directive', line, name, rest })
  if (slide.settings[name] !== undefined) throw new Fault(`@${name} is there twice`, line)
  if (!rest) throw new Fault(`@${name} needs a value`, line)
  slide.settings[name] = rest
}

const LAYOUTS = ['title', 'idea', 'exercise', 'recap', 'dense', 'break']
const NUMBER = /^\d+(\.\d+)?$/

function checkSettings({ settings, notes }) {
  const { minutes, layout, short = minutes } = settings
  if (minutes === undefined) throw new Fault('a slide says how long it takes: @minutes 2')
  if (!NUMBER.test(minutes) || !Number(minutes)) throw new Fault(`@minutes ${minutes}: no number`)
  if (short !== 'skip' && (!NUMBER.test(short) || !Number(short)))
    throw new Fault(`@short ${short}: neither minutes nor 'skip'`)
  if (!notes.join('').trim()) throw new Fault('a slide has notes for who speaks: <!-- ... -->')
  if (layout && !LAYOUTS.includes(layout)) {
    throw new Fault(`there is no layout '${layout}'; there are: ${LAYOUTS.join(', ')}`)
  }
}
