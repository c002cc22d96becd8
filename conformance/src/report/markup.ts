/** Text that is markup already, and is put into markup as it is. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}

/** What can be put into markup: text and numbers are escaped, `undefined` and `false` are nothing. */
export type MarkupValue = Markup | string | number | false | undefined | readonly MarkupValue[]

/**
 * Builds HTML, SVG or XML: whatever is put in is escaped, unless it is {@link Markup} itself. Attribute values have to stand in double quotes.
 */
export function markup(parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return new Markup(
    parts.reduce((text, part, index) => text + (index > 0 ? render(values[index - 1]) : '') + part, ''),
  )
}

function render(value: MarkupValue): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Markup) return value.text
  if (typeof value === 'object') return value.map(render).join('')
  return escapeMarkup(String(value))
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Escapes text for markup; what cannot be seen or stand there is shown by its code. */
export function escapeMarkup(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => entities[character] ?? character)
}

// Controls, marks that turn the direction of what follows, lone surrogates, what Unicode does not know, and odd line ends.
const hidden = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]/gu

/** The text with every character that nobody sees, or that XML forbids, as the escape that JSON has for it. */
export function visible(text: string): string {
  return text.replace(hidden, (character) => {
    const code = character.codePointAt(0) ?? 0
    const hex = code.toString(16).toUpperCase()
    return code > 0xffff ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`
  })
}

/** A copy in which every text is {@link visible}: for a terminal, which would obey what a server wrote. */
export function visibleCopy<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value), (_name, part: unknown) =>
    typeof part === 'string' ? visible(part) : part,
  ) as Value
}
