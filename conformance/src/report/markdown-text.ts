import { visible } from './markup.ts'

/** Characters of a text that a summary shows. */
const shownCharacters = 400

/**
 * Text from outside as a code span: nothing in it is markup, a mention, a link or an HTML tag. The fence is longer than every run of
 * backticks in it.
 */
export function codeSpan(text: string): string {
  const line = oneLine(text)
  if (line === '') return '(empty)'
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map(({ length }) => length))
  const fence = '`'.repeat(longest + 1)
  const space = line.startsWith('`') || line.endsWith('`') ? ' ' : ''
  return `${fence}${space}${line}${space}${fence}`
}

/** Text as itself in Markdown, on one line. */
export function escapeMarkdown(text: string): string {
  // A mention, a link or an issue number is made of plain characters: a joiner that nobody sees takes them apart.
  return oneLine(text)
    .replace(/[\\`*_{}[\]()#+!|~<>&-]/g, '\\$&')
    .replace(/@|:(?=\/\/)|(?<=www)\./gi, '$&\u2060')
}

/** The specification's own text, whose code spans stay. */
export function proseMarkdown(text: string): string {
  return text
    .split(/`([^`]+)`/)
    .map((part, index) => (index % 2 === 1 ? codeSpan(part) : inner(part)))
    .join('')
}

/** As {@link escapeMarkdown}, with the spaces at both ends. */
function inner(text: string): string {
  const [, before = '', after = ''] = /^(\s*).*?(\s*)$/s.exec(text) ?? []
  return text.trim() === '' ? text : `${before && ' '}${escapeMarkdown(text)}${after && ' '}`
}

function oneLine(text: string): string {
  const line = visible(text.replace(/\s+/g, ' ').trim())
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line
}
