/** Escapes by which JSON, URLs and HTML write a character. */
const escape =
  /\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|%([0-9a-f]{2})|&#x([0-9a-f]{1,4});|&#(\d{1,5});|&(amp|lt|gt|quot|apos);|\\(["/\\])/gi

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** A text without its escapes. */
export interface Unescaped {
  readonly plain: string
  /** Where each character of `plain` begins in the text, and the text's length behind the last one. */
  readonly places: readonly number[]
}

/**
 * Takes one layer of escapes off a text; `undefined` when it has none.
 *
 * @param origin - Where the text's own characters begin in the one that it was made from.
 */
export function unescaped(text: string, origin?: readonly number[]): Unescaped | undefined {
  const placeOf = (at: number) => origin?.[at] ?? at
  const pieces: string[] = []
  const places: number[] = []
  let at = 0
  const keep = (until: number) => {
    for (let place = at; place < until; place += 1) places.push(placeOf(place))
    pieces.push(text.slice(at, until))
  }
  for (const match of text.matchAll(escape)) {
    const [whole, unit, byte, percent, hexadecimal, decimal, name, self] = match
    keep(match.index)
    const digits = unit ?? byte ?? percent ?? hexadecimal
    const code = digits === undefined ? Number(decimal) : Number.parseInt(digits, 16)
    const character = self ?? (name === undefined ? String.fromCharCode(code) : named[name.toLowerCase()])
    places.push(placeOf(match.index))
    // Whatever the case, one escape stands for one character.
    pieces.push(character ?? ' ')
    at = match.index + whole.length
  }
  if (pieces.length === 0) return undefined
  keep(text.length)
  places.push(placeOf(text.length))
  return { plain: pieces.join(''), places }
}

/** A run of characters in a text that may be an encoding of something. */
export interface EncodedRun {
  readonly begin: number
  readonly end: number
  /** What it may stand for: the run may begin anywhere in a longer encoding. */
  readonly texts: readonly string[]
}

/** Fewest characters that hold four encoded ones. */
const fewest = 6

const run = new RegExp(`[A-Za-z0-9+/_-]{${String(fewest)},}={0,2}`, 'g')

/** Finds what may be base64 (RFC 4648, sections 4 and 5, padded or not) or hexadecimal, and decodes it. */
export function* encodedRuns(text: string): Generator<EncodedRun> {
  for (const { 0: found, index } of text.matchAll(run)) {
    const texts = [0, 1, 2, 3].map((skip) => Buffer.from(found.slice(skip), 'base64').toString('latin1'))
    if (/^[0-9a-f]+$/i.test(found)) {
      for (const skip of [0, 1]) {
        const even = found.length - ((found.length - skip) % 2)
        texts.push(Buffer.from(found.slice(skip, even), 'hex').toString('latin1'))
      }
    }
    yield { begin: index, end: index + found.length, texts }
  }
}
