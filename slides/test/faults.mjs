/**
 * Runs in the browser: what is wrong with the slide on show, { source, faults }.
 *
 * Text has 20 px of 720 at least: its capitals are then 2 % of the height of the picture. From a
 * seat 4.4 such heights away they have 16 minutes of arc, which ISO 9241-303 has as the least for
 * reading. Code that is explained is read from the last row: it has 24 px wherever the slide has the
 * room for it. Contrast is that of WCAG 2 AA, 4.5:1; lines that are dimmed while others are told of
 * have been read before, and keep 3:1.
 */
export function faultsOfSlide() {
  const SMALLEST = 20,
    READABLE = 24,
    CONTRAST = 4.5,
    CONTRAST_DIMMED = 3
  const slide = deck.getCurrentSlide(),
    frame = slide.getBoundingClientRect(),
    faults = new Set()

  const rgba = (colour) => {
    const [r, g, b, a = 1] = (colour.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number)
    return [r, g, b, a]
  }
  const over = ([r, g, b, a], below) => [r, g, b].map((v, i) => v * a + below[i] * (1 - a))
  const light = (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  const luminance = (rgb) =>
    rgb.reduce((sum, v, i) => sum + light(v / 255) * [0.2126, 0.7152, 0.0722][i], 0)
  const contrast = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)]
    return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)
  }
  const ancestors = (e) => {
    const list = []
    for (; e; e = e.parentElement) list.push(e)
    return list
  }

  // What is behind a text: the backgrounds of what it is in; in a drawing, the shape below it.
  const behind = (e) => {
    const page = rgba(getComputedStyle(document.body).backgroundColor)
    const layers = ancestors(e).map((x) => rgba(getComputedStyle(x).backgroundColor))
    const box = e.getBoundingClientRect(),
      x = box.x + box.width / 2,
      y = box.y + box.height / 2
    if (e.ownerSVGElement) {
      const shapes = [...e.ownerSVGElement.querySelectorAll('rect')].filter((shape) => {
        const r = shape.getBoundingClientRect()
        return (
          getComputedStyle(shape).visibility !== 'hidden' &&
          r.x <= x &&
          x <= r.right &&
          r.y <= y &&
          y <= r.bottom
        )
      })
      layers.unshift(
        ...shapes
          .reverse()
          .map((s) => rgba(getComputedStyle(s).fill))
          .filter((c, i) => getComputedStyle(shapes[i]).fill !== 'none'),
      )
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), page)
  }
  const name = (e) => `${e.tagName.toLowerCase()} '${(e.textContent ?? '').trim().slice(0, 30)}'`

  function checkPlace(e, box) {
    const out =
      box.right > frame.right + 1 ||
      box.bottom > frame.bottom + 1 ||
      box.left < frame.left - 1 ||
      box.top < frame.top - 1
    if (out) faults.add(`outside the slide: ${name(e)}`)
    const cut = e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 2
    if (e.matches('pre, table') && cut) faults.add(`cut off: ${name(e)}`)
  }

  function checkText(e, style) {
    const scale = e.ownerSVGElement ? e.getScreenCTM().a / deck.getScale() : 1
    const size = parseFloat(style.fontSize) * scale
    if (size < SMALLEST - 0.1) faults.add(`text of ${size.toFixed(1)} px: ${name(e)}`)
    const back = behind(e),
      front = rgba(e.ownerSVGElement ? style.fill : style.color)
    const ratio = contrast(over(front, back), back)
    const least = e.closest('.dim .line:not(.on)') ? CONTRAST_DIMMED : CONTRAST
    if (ratio < least) faults.add(`contrast ${ratio.toFixed(2)}: ${name(e)}`)
  }

  const bottomOf = (elements) => Math.max(...elements.map((e) => e.getBoundingClientRect().bottom))
  const content = [...slide.querySelectorAll('.content *')]

  // What stands on the foot of the slide must not be stood upon.
  function checkOverlap() {
    const bottom = bottomOf(content.filter(isSeen))
    for (const foot of [slide.querySelector('footer'), document.querySelector('.slide-number')]) {
      if (foot && bottom > foot.getBoundingClientRect().top + 1)
        faults.add(`over the foot: ${name(foot)}`)
    }
  }

  // Where code is small it needs the height of the slide: its lines may be broken to be larger.
  function checkRoom(blocks) {
    const size = (e) => parseFloat(getComputedStyle(e).fontSize)
    const small = blocks.filter((e) => size(e) < READABLE)
    if (!small.length) return
    const scale = deck.getScale()
    const line = (e) => parseFloat(getComputedStyle(e).lineHeight) / size(e)
    const more = small.map((e) => rowsWith(e, READABLE) * READABLE * line(e) - contentHeight(e))
    const foot = document.querySelector('.slide-number').getBoundingClientRect().top
    const left = (foot - bottomOf(content)) / scale // what a later click shows has its place
    if (more.reduce((a, b) => a + b) > left - 12) return
    faults.add(`code of ${size(small[0])} px, and there is room for 24: ${name(small[0])}`)
  }

  const contentHeight = (e) => parseFloat(getComputedStyle(e.querySelector('code')).height)

  // The rows of a block when its letters are of this size, if lines are broken at any place.
  function rowsWith(e, size) {
    const columns = Math.floor(parseFloat(getComputedStyle(e).width) / (0.6 * size))
    const rows = e.querySelector('code').innerText.split('\n')
    return rows.reduce((sum, row) => sum + Math.max(1, Math.ceil(row.length / columns)), 0)
  }

  function isSeen(e) {
    const box = e.getBoundingClientRect()
    return box.width > 0 && box.height > 0 && getComputedStyle(e).visibility !== 'hidden'
  }

  const seen = [...slide.querySelectorAll('*')].filter(
    (e) => isSeen(e) && !e.closest('aside.notes, i.mark'),
  )
  if (seen.length < 3) faults.add('nothing is to be seen')
  for (const e of seen) {
    checkPlace(e, e.getBoundingClientRect())
    const hasText = [...e.childNodes].some(
      (n) => n.nodeType === Node.TEXT_NODE && n.textContent.trim(),
    )
    if (hasText) checkText(e, getComputedStyle(e))
  }
  checkOverlap()
  checkRoom(seen.filter((e) => e.matches('pre')))
  return { source: slide.dataset.source, faults: [...faults].slice(0, 8) }
}

/** Runs in the browser, in the handout: what does not stand within its half of a page. */
export function faultsOfSheets() {
  const MARGIN = 14 // px, that a printer may need
  return [...document.querySelectorAll('.sheet')].flatMap((sheet) => {
    const { left, right, top, bottom } = sheet.getBoundingClientRect()
    const isOut = (box) =>
      box.left < left + MARGIN ||
      box.right > right - MARGIN ||
      box.top < top + MARGIN ||
      box.bottom > bottom - MARGIN
    const shown = [...sheet.querySelectorAll('h1, h2, .content *, .spoken *, footer')].filter(
      (e) => {
        const { width, height } = e.getBoundingClientRect()
        return width && height && !e.closest('aside')
      },
    )
    const out = shown.find((e) => isOut(e.getBoundingClientRect()))
    const { source } = sheet.querySelector('section').dataset
    return out
      ? [`${source}: outside its half of the page: ${out.textContent.trim().slice(0, 30)}`]
      : []
  })
}
