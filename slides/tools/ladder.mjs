// The picture of a title: the steps as a stair, each as high as its program is long.
import fs from 'node:fs'
import path from 'node:path'

const WIDTH = 1184,
  HEIGHT = 300,
  GAP = 12,
  TEXT = 34

function linesOf(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) return sum + linesOf(file)
    return sum + (/\.[ch]pp$/.test(file) ? fs.readFileSync(file, 'utf8').split('\n').length - 1 : 0)
  }, 0)
}

/** Draws the steps of a repository, with the lines of C++ that each has. */
export function drawLadder(repository, steps) {
  const lines = steps.map((step) => linesOf(path.join(repository, step, 'src')))
  const width = (WIDTH - GAP * (steps.length - 1)) / steps.length
  const most = Math.max(...lines)
  const stairs = steps.map((step, i) => {
    const x = i * (width + GAP),
      high = ((HEIGHT - 2 * TEXT) * lines[i]) / most
    const top = HEIGHT - TEXT - high,
      middle = x + width / 2
    return (
      `<rect x="${x}" y="${top}" width="${width}" height="${high}" rx="6"/>` +
      `<text class="lines" x="${middle}" y="${top - 12}">${lines[i]} lines</text>` +
      `<text x="${middle}" y="${HEIGHT - 6}">${step.replace(/^step/, '')}</text>`
    )
  })
  const box = `viewBox="0 0 ${WIDTH} ${HEIGHT}"`
  return `<svg class="drawing ladder" ${box}>${stairs.join('')}</svg>`
}
