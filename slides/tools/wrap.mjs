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

// Where to break: at the last blank that is in no string, or else at the last one; -1 for nowhere.
function breakOf(row, columns) {
  const blanks = [...row.matchAll(/(?<=\S) /g)].map((m) => m.index).filter((i) => i <= columns)
  const isOutside = (i) => row.slice(0, i).split(/(?<!\\)"/).length % 2 === 1
  const comment = blanks.find((i) => isOutside(i) && /^ +\/\//.test(row.slice(i)))
  return comment ?? blanks.findLast(isOutside) ?? blanks.at(-1) ?? -1
}
