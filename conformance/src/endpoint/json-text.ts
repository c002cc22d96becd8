/** One member of a JSON object as it is written. */
export interface WrittenMember {
  readonly name: string
  /** Its value's text, in one spelling: without white space, strings and numbers each in one form. */
  readonly value: string
}

const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g

/**
 * The members of a JSON object in the order of its text, duplicates included, and with numbers as exact as they are written: what a
 * parser would have lost.
 *
 * @param text - A JSON text that holds an object.
 */
export function writtenMembers(text: string): readonly WrittenMember[] {
  const members: { name: string; value: string }[] = []
  let depth = 0
  let expectsName = false
  for (const [token] of text.matchAll(tokens)) {
    if (token === '}' || token === ']') depth -= 1
    const member = members.at(-1)
    if (depth === 1 && token === ',') expectsName = true
    else if (depth === 1 && expectsName) {
      members.push({ name: String(JSON.parse(token)), value: '' })
      expectsName = false
    } else if (member && depth > 0 && !(depth === 1 && token === ':' && member.value === ''))
      member.value += spelled(token)
    if (token === '{' || token === '[') depth += 1
    if (depth === 1 && token === '{' && members.length === 0) expectsName = true
  }
  return members
}

function spelled(token: string): string {
  if (token.startsWith('"')) return JSON.stringify(JSON.parse(token))
  return /^-?\d/.test(token) ? decimal(token) : token
}

/** One spelling for each decimal value, however many digits it has. */
export function decimal(source: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([-+]?\d+))?$/i.exec(source) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  return `${sign}${significant}e${String(Number(exponent) - fraction.length + digits.length - significant.length)}`
}

const loneSurrogate = /\p{Surrogate}/u

/** Members with which a message of the server carries on, or repeats, what a client wrote. */
const carried: ReadonlySet<string> = new Set(['data', 'of', 'to', 'call', 'room'])

/** Without recursion: a server may carry what is nested deeper than any stack. */
function ownWords(value: unknown): string[] {
  const words: string[] = []
  const open = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next === 'string') words.push(next)
    if (typeof next !== 'object' || next === null) continue
    for (const [name, member] of Object.entries(next) as [string, unknown][]) {
      if (carried.has(name) && !Array.isArray(next)) continue
      words.push(name)
      open.push(member)
    }
  }
  return words
}

/** Whether a text is what `JSON.stringify` makes of its value; no, where that is nested too deep for it. */
function isWrittenPlainly(text: string, value: unknown): boolean {
  try {
    return JSON.stringify(value) === text
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/**
 * What a JSON object's text has that I-JSON (RFC 7493) forbids and a parser passes over: two members of one name at the top level, or half
 * of a surrogate pair in the server's own words.
 *
 * @param value - What a parser made of the text.
 * @returns The fault in words; `undefined` where there is none.
 */
export function beyondInternetJson(text: string, value: unknown): string | undefined {
  // Most servers write as JSON.stringify does, which writes no name twice; to look at each word of the text costs ten times as much.
  if (!/\\ud/i.test(text) && isWrittenPlainly(text, value)) return undefined
  const names = new Set<string>()
  for (const { name } of writtenMembers(text)) {
    if (names.has(name)) return `two members named ${JSON.stringify(name)}`
    names.add(name)
  }
  // Every frame is UTF-8, so a lone surrogate can only be there as an escape.
  if (!/\\ud/i.test(text)) return undefined
  return ownWords(value).some((word) => loneSurrogate.test(word)) ? 'half of a surrogate pair' : undefined
}
