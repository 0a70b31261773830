// The colours of code: few, the same on every slide. What suspends a coroutine has the accent.
const SUSPENDS = [
  'keyword.control.co_await',
  'keyword.control.co_return',
  'keyword.control.co_yield',
]
const KEYWORD = ['keyword', 'storage', 'variable.language']
const PLAIN = [
  'keyword.operator',
  'punctuation',
  'storage.modifier.reference',
  'storage.modifier.pointer',
]
const TYPE = [
  'entity.name.type',
  'entity.name.scope-resolution',
  'support.type',
  'storage.type.primitive',
  'storage.type.built-in',
  'entity.name.namespace',
]
const LITERAL = [
  'string',
  'constant',
  'punctuation.definition.string',
  'entity.other.attribute-name',
]
const COMMENT = ['comment', 'punctuation.definition.comment']
const PROMPT = ['punctuation.separator.prompt', 'entity.other.prompt-prefix']

function theme(name, type, colour) {
  const rule = (scope, foreground, fontStyle) => ({ scope, settings: { foreground, fontStyle } })
  return {
    name,
    type,
    colors: { 'editor.foreground': colour.plain, 'editor.background': colour.back },
    settings: [
      { settings: { foreground: colour.plain } },
      rule(KEYWORD, colour.keyword),
      rule(TYPE, colour.type),
      rule(LITERAL, colour.literal),
      rule(PLAIN, colour.plain),
      rule(
        ['keyword.operator.wordlike', 'keyword.operator.new', 'keyword.operator.cast'],
        colour.keyword,
      ),
      rule(SUSPENDS, colour.accent, 'bold'),
      rule([...COMMENT, ...PROMPT], colour.comment),
    ],
  }
}

export const light = theme('deck-light', 'light', {
  back: '#f4f6f8',
  plain: '#1b2129',
  keyword: '#7a3e9d',
  type: '#0a6b62',
  literal: '#96430b',
  accent: '#0b57d0',
  comment: '#5a6572',
})

export const dark = theme('deck-dark', 'dark', {
  back: '#1b2028',
  plain: '#e6eaef',
  keyword: '#cba6f0',
  type: '#74d3c6',
  literal: '#f0b98a',
  accent: '#8ab4f8',
  comment: '#9ba7b4',
})
