// Breaks a line of code that is too long for a slide, as its author would have broken it.
const HANGING = 4 // columns that what follows stands further to the right

/** The rows of a line in so many columns: the first, then those that hang below it. */
export function wrap(line, columns) {
  const hang = ' '.repeat(/^ */.exec(line)[0].length + HANGING)
  const rows = []
  for (let rest = line; ;) {
    const at = rest.length > columns ? breakOf(rest, columns) : -1
    if (at < 0) return [...rows, rest]
    rows.push(rest.slice(0, at))
    rest = hang + rest.slice(at).trimStart()
  }
}

const LONG_GAP = 10 // blanks between two columns of a text

// Where to break: in a long gap, below the code for a comment behind it, after a comma or before an
// operator in the second half, in as few brackets as there are, or else at the last blank; in a
// string only if there is no other; -1 for nowhere.
function breakOf(row, columns) {
  const blanks = [...row.matchAll(/(?<=\S) /g)].map((m) => m.index).filter((i) => i <= columns)
  const isOutside = (i) => row.slice(0, i).split(/(?<!\\)"/).length % 2 === 1
  const follows = (pattern) => (i) => isOutside(i) && pattern.test(row.slice(i))
  const isGood = (i) =>
    i > columns / 2 && isOutside(i) && (row[i - 1] === ',' || /^ (\||&&|\?)/.test(row.slice(i)))
  const depthAt = (i) => row.slice(0, i).split('(').length - row.slice(0, i).split(')').length
  const good = blanks.filter(isGood)
  const least = Math.min(...good.map(depthAt))
  return (
    blanks.find((i) => row.slice(i, i + LONG_GAP).trim() === '') ??
    blanks.find(follows(/^ +\/\//)) ??
    good.findLast((i) => depthAt(i) === least) ??
    blanks.findLast(isOutside) ??
    blanks.at(-1) ??
    -1
  )
}
