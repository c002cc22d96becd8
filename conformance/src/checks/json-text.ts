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
function decimal(source: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([-+]?\d+))?$/i.exec(source) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  return `${sign}${significant}e${String(Number(exponent) - fraction.length + digits.length - significant.length)}`
}
