import { clip } from '../observer/clip.ts'

/** Where a text stops to be JSON. */
interface Break {
  /** Place of the first character that does not fit; the length of the text where it ends too early. */
  readonly at: number
  /** What would have fitted: `a comma or }`. */
  readonly due: string
  /** Where the last parts before it begin, so that what is shown begins with a whole one. */
  readonly lead: number
}

/** Characters that are shown on each side of the break. */
const shownAround = 40

/**
 * Why a text is no JSON, in words that show the place: `from character 97 on it is "x":1}…, not a comma or }, after …"self":{"peer":"a"`.
 *
 * @returns `undefined` where it is JSON.
 */
export function jsonFault(text: string): string | undefined {
  const found = breakOf(text)
  if (found === undefined) return undefined
  const { at, due, lead } = found
  const after = at === 0 ? '' : `, after ${lead > 0 ? '…' : ''}${part(text.slice(lead, at))}`
  if (text === '') return `it is empty, not ${due}`
  if (at === text.length) return `it ends after ${String(at)} characters, where ${due} is due${after}`
  return `from character ${String(at + 1)} on it is ${part(text.slice(at))}, not ${due}${after}`
}

function part(text: string): string {
  return clip(text, shownAround).trim()
}

/** What may come next, in words. */
const due = {
  value: 'a value',
  item: 'a value or ]',
  firstName: 'a name in double quotes or }',
  name: 'a name in double quotes',
  colon: 'a colon',
  end: 'the end',
} as const

type Due = keyof typeof due | 'further'

const takesName: ReadonlySet<Due> = new Set(['firstName', 'name'])
const takesString: ReadonlySet<Due> = new Set(['value', 'item', ...takesName])

const blank = /[ \t\n\r]*/y
const string = /"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[\da-f]{4})[ !#-[\]-\uffff]*)*/iy
const scalar = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![\w.+-])/y

/** Without recursion: a server may send what is nested deeper than any stack. */
function breakOf(text: string): Break | undefined {
  const open: ('{' | '[')[] = []
  const begins: number[] = []
  let next: Due = 'value'
  let at = 0
  const broken = (words: string): Break => ({ at, due: words, lead: leadOf(begins, at) })
  for (;;) {
    at = endOf(blank, text, at)
    if (at === text.length && next === 'end') return undefined
    const character = text[at] ?? ''
    const inside = open.at(-1)
    if (character === '"' && takesString.has(next)) {
      begins.push(at)
      at = endOf(string, text, at)
      if (text[at] !== '"') return broken(inString(text[at]))
      at += 1
      next = takesName.has(next) ? 'colon' : afterValue(open)
      continue
    }
    const follows = step(character, next, open)
    const end = follows === undefined ? endOfScalar(text, at, next) : at + 1
    if (end === at) return broken(next === 'further' ? `a comma or ${inside === '{' ? '}' : ']'}` : due[next])
    begins.push(at)
    at = end
    next = follows ?? afterValue(open)
  }
}

function endOfScalar(text: string, at: number, next: Due): number {
  return next === 'value' || next === 'item' ? endOf(scalar, text, at) : at
}

/** What may come after a bracket, comma or colon; `undefined` where it may not stand here. */
function step(character: string, next: Due, open: ('{' | '[')[]): Due | undefined {
  const takesValue = next === 'value' || next === 'item'
  if (takesValue && (character === '{' || character === '[')) {
    open.push(character)
    return character === '{' ? 'firstName' : 'item'
  }
  const inside = open.at(-1)
  const closes =
    inside === '{'
      ? character === '}' && (next === 'firstName' || next === 'further')
      : inside === '[' && character === ']' && (next === 'item' || next === 'further')
  if (closes) {
    open.pop()
    return afterValue(open)
  }
  if (next === 'colon' && character === ':') return 'value'
  if (next === 'further' && character === ',') return inside === '{' ? 'name' : 'value'
  return undefined
}

function afterValue(open: readonly string[]): Due {
  return open.length === 0 ? 'end' : 'further'
}

function inString(character: string | undefined): string {
  if (character === '\\') return 'an escape that JSON knows'
  return character === undefined ? 'the rest of a string' : 'a character that may stand in a string unescaped'
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

/** The earliest of the last parts that has place; of a part that is longer, its beginning. */
function leadOf(begins: readonly number[], at: number): number {
  const last = begins.findLast((begin) => begin < at) ?? 0
  return begins.find((begin) => at - begin <= shownAround) ?? last
}
