// Puts the slides, the fonts, the styles and the scripts into one HTML file.
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { escapeHtml } from './code.mjs'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const read = (file) => fs.readFileSync(path.join(root, file), 'utf8')
const base64 = (file) => fs.readFileSync(path.join(root, file)).toString('base64')

function font(name, family, weight) {
  const file = `node_modules/@fontsource/${name}/files/${name}-latin-${weight}-normal.woff2`
  return (
    `@font-face{font-family:"${family}";font-weight:${weight};` +
    `src:url(data:font/woff2;base64,${base64(file)}) format("woff2")}`
  )
}

const styles = () =>
  [
    font('inter', 'Inter', 400),
    font('inter', 'Inter', 700),
    font('jetbrains-mono', 'JetBrains Mono', 400),
    font('jetbrains-mono', 'JetBrains Mono', 700),
    read('deck.css'),
  ].join('\n')

const script = (file) => `<script>${read(file).replace(/<\/script/gi, '<\\/script')}</script>`

// A module that another one imports by name has to be a file of its own, or, as here, a data: URL.
const importMap = () =>
  JSON.stringify({
    imports: {
      'magic-move': `data:text/javascript;base64,${base64(
        'node_modules/@shikijs/magic-move/dist/renderer.mjs',
      )}`,
    },
  })

const asJson = (value) => JSON.stringify(value).replace(/</g, '\\u003c')

// Two slides on a page, what is said beside each, and lines to write on.
const sheet = ({ html, notes, title, number }) => `<article class="sheet">
<div class="left"><div class="frame"><div class="reveal"><div class="slides">${html}</div></div></div>
<p class="number">${number}</p><div class="ruled"></div></div>
<div class="spoken"><h2>${escapeHtml(title.replace(/`/g, ''))}</h2>${notes
  .map((said, click) => (click ? `<div class="click"><b>${click}</b>${said}</div>` : said))
  .join('')}</div>
</article>`

/** The deck as it is read afterwards: a page of HTML that is printed. */
export const handout = (list) => `<!doctype html>
<html lang="en" class="is-paper is-still" data-theme="light">
<head>
<meta charset="utf-8">
<title>From a socket to ASGI: what was shown, and what was said</title>
<style>${styles()}
${read('handout.css')}</style>
</head>
<body>${list
  .map((slide, i) => ({ ...slide, number: i + 1 }))
  .filter(({ layout }) => layout !== 'break')
  .map(sheet)
  .join('\n')}</body>
</html>
`

/** The whole page; it opens by a double click, and asks the network for nothing. */
export function page(sections, morphs, minutes) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>An ASGI server from scratch</title>
<link rel="icon" href="data:,">
<style>${read('node_modules/reveal.js/dist/reveal.css')}
${read('node_modules/@shikijs/magic-move/dist/style.css')}
${styles()}</style>
<script type="importmap">${importMap()}</script>
</head>
<body>
<div class="reveal"><div class="slides">
${sections.join('\n')}
</div></div>
<script type="application/json" id="morphs">${asJson(morphs)}</script>
${script('node_modules/reveal.js/dist/reveal.js')}
${script('node_modules/reveal.js/dist/plugin/notes.js')}
<script>const totalMinutes = ${minutes}</script>
<script type="module">${read('tools/client.mjs')}</script>
</body>
</html>
`
}
