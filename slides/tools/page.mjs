// Puts the slides, the fonts, the styles and the scripts into one HTML file.
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

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
    read('node_modules/reveal.js/dist/reveal.css'),
    read('node_modules/@shikijs/magic-move/dist/style.css'),
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

/** The whole page; it opens by a double click, and asks the network for nothing. */
export function page(sections, morphs, minutes) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>An ASGI server from scratch</title>
<link rel="icon" href="data:,">
<style>${styles()}</style>
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
