/** A table of the benchmark's results. */
export function drawBench() {
  throw new Error('there are no results yet')
}
