const code = {
  quote: 0x22,
  comma: 0x2c,
  minus: 0x2d,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  open: 0x5b,
  backslash: 0x5c,
  close: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
}

const numeral = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/**
 * Whether the top level of a JSON object has two members of one name.
 *
 * Parsing keeps one member of each name, so more members in the text than names in the value means duplicates; that holds
 * whatever escapes the names are written with. Outside strings every colon belongs to exactly one member.
 *
 * @param text - A JSON text that has been parsed without error.
 * @param value - What `JSON.parse` made of it.
 */
export function hasDuplicateNames(text: string, value: object): boolean {
  return countMembers(text) !== Object.keys(value).length
}

/**
 * The numbers of a JSON text as they are written.
 *
 * @param text - A JSON text that has been parsed without error.
 */
export function* numeralsOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += 1) {
    const here = text.charCodeAt(at)
    if (here === code.quote) at = endOfString(text, at)
    else if (here === code.minus || (here >= code.zero && here <= code.nine)) {
      numeral.lastIndex = at
      const [found = ''] = numeral.exec(text) ?? []
      yield found
      at += found.length - 1
    }
  }
}

/** Where a member of the top level stands in a text: indices, the value's without what is around it. */
export interface MemberPlace {
  readonly name: string
  readonly start: number
  readonly value: number
  readonly end: number
}

/**
 * The members of the top level of a JSON object, in their order, those of one name each for itself.
 *
 * @param text - The text of an object that has been parsed without error.
 */
export function* membersOf(text: string): Generator<MemberPlace> {
  for (let at = text.indexOf('{') + 1; ;) {
    const start = text.indexOf('"', at)
    if (start === -1) return
    const nameEnd = endOfString(text, start) + 1
    const value = text.indexOf(':', nameEnd) + 1
    const end = endOfValue(text, value)
    yield { name: JSON.parse(text.slice(start, nameEnd)) as string, start, value, end }
    at = end + 1
  }
}

/** Index of the comma or brace behind a value of the top level. */
function endOfValue(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case code.quote:
        at = endOfString(text, at)
        break
      case code.openBrace:
      case code.open:
        depth += 1
        break
      case code.comma:
        if (depth === 0) return at
        break
      case code.closeBrace:
      case code.close:
        if (depth === 0) return at
        depth -= 1
        break
      default:
    }
  }
  return text.length
}

function countMembers(text: string): number {
  let members = 0
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case code.quote:
        at = endOfString(text, at)
        break
      case code.colon:
        if (depth === 1) members += 1
        break
      case code.openBrace:
      case code.open:
        depth += 1
        break
      case code.closeBrace:
      case code.close:
        depth -= 1
        break
      default:
    }
  }
  return members
}

/** Index of the quote that closes the string opened at `start`: the next one that no backslash escapes. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

/** An odd number of backslashes before a quote escapes it. */
function isEscaped(text: string, end: number): boolean {
  let start = end
  while (text.charCodeAt(start - 1) === code.backslash) start -= 1
  return (end - start) % 2 === 1
}
