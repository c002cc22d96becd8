/** Chance at which an explanation of what was seen is given up: small enough never to meet one by accident. */
const impossible = 1e-9

/** Characters that an id may be written in. */
const largestAlphabet = 64

/**
 * Says how many random bits ids can carry at the most, judging by which characters stand at each of their places.
 *
 * Whoever sees `seen` different characters in `draws` draws knows little of a large alphabet and much of a small one: for each place the
 * largest alphabet is taken that shows so few characters with any chance worth the name, and never a larger one than the ids as a whole
 * admit. A character that never changes counts nothing, nor does one that another place has already shown in every id. UUIDs, hexadecimal and base64url of enough random bytes stay above their true
 * entropy; counters, times and ids too short for their alphabet do not reach it.
 */
export function entropyBound(ids: readonly string[]): number {
  const overall = largestLikely(new Set(ids.flatMap((id) => Array.from(id))).size, ids.join('').length)
  let bits = 0
  for (const column of new Set(columnsOf(ids)))
    bits += Math.log2(Math.min(overall, largestLikely(new Set(column).size, ids.length)))
  return bits
}

/** What stands at each place of the ids, one text a place. */
function columnsOf(ids: readonly string[]): string[] {
  const places = Math.max(0, ...ids.map(({ length }) => length))
  return Array.from({ length: places }, (_, place) => ids.map((id) => id[place] ?? ' ').join(''))
}

/** Number of places that vary, and show in every id what another place has shown. */
export function repeatedPlaces(ids: readonly string[]): number {
  const varying = columnsOf(ids).filter((column) => new Set(column).size > 1)
  return varying.length - new Set(varying).size
}

/** The largest alphabet of which so few characters can have been seen in so many draws. */
function largestLikely(seen: number, draws: number): number {
  for (let size = largestAlphabet; size > seen; size -= 1) {
    // At most: the ways to choose the characters, times the chance that every draw is among them.
    const logarithm = logChoose(size, seen) + draws * Math.log(seen / size)
    if (logarithm > Math.log(impossible)) return size
  }
  return seen
}

function logChoose(from: number, choose: number): number {
  let logarithm = 0
  for (let index = 1; index <= choose; index += 1) logarithm += Math.log((from - choose + index) / index)
  return logarithm
}

/** The longest text that stands in both. */
export function sharedText(a: string, b: string): string {
  for (let length = Math.min(a.length, b.length); length > 0; length -= 1) {
    for (let begin = 0; begin + length <= a.length; begin += 1) {
      const part = a.slice(begin, begin + length)
      if (b.includes(part)) return part
    }
  }
  return ''
}
