/** How two lists of lines differ: [sign, line] with ' ', '-' or '+', by the longest common part. */
export function difference(before, after) {
  const common = commonLengths(before, after),
    result = []
  let i = 0,
    j = 0
  while (i < before.length || j < after.length) {
    const down = common[i + 1]?.[j] ?? -1,
      right = common[i]?.[j + 1] ?? -1
    if (i < before.length && before[i] === after[j]) (result.push([' ', before[i++]]), j++)
    else if (i < before.length && down >= right) result.push(['-', before[i++]])
    else result.push(['+', after[j++]])
  }
  return result
}

// common[i][j]: how many lines before.slice(i) and after.slice(j) have in common, in order.
function commonLengths(before, after) {
  const common = Array.from({ length: before.length + 1 }, () => Array(after.length + 1).fill(0))
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i][j] =
        before[i] === after[j]
          ? common[i + 1][j + 1] + 1
          : Math.max(common[i + 1][j], common[i][j + 1])
    }
  }
  return common
}
