// The picture of a title: the steps as a stair, each as high as the one before, with its moves.
import { movesOf } from './moves.mjs'

const WIDTH = 1184,
  HEIGHT = 300,
  GAP = 12,
  TEXT = 34

/** Draws the steps of a repository, and in how many moves each is built. */
export function drawLadder(repository, steps) {
  const width = (WIDTH - GAP * (steps.length - 1)) / steps.length
  const stairs = steps.map((step, i) => {
    const x = i * (width + GAP),
      high = ((HEIGHT - 2 * TEXT) * (i + 1)) / steps.length
    const top = HEIGHT - TEXT - high,
      middle = x + width / 2
    const moves = movesOf(repository, step).length
    return (
      `<rect x="${x}" y="${top}" width="${width}" height="${high}" rx="6"/>` +
      `<text class="lines" x="${middle}" y="${top - 12}">${moves ? `${moves} moves` : ''}</text>` +
      `<text x="${middle}" y="${HEIGHT - 6}">${step.replace(/^step/, '')}</text>`
    )
  })
  const box = `viewBox="0 0 ${WIDTH} ${HEIGHT}"`
  return `<svg class="drawing ladder" ${box}>${stairs.join('')}</svg>`
}
