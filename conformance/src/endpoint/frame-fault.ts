import { clip } from '../observer/clip.ts'
import { jsonFault } from './json-fault.ts'
import { parseWire, type Wire } from './wire.ts'

/** What a frame that is no JSON object comes to. */
export interface FrameFault {
  /** What is wrong with the frame, where that can be told: `two JSON texts in one frame, joined by a line feed`. */
  readonly fault?: string
  /** The JSON objects that it holds, each as its text; the frame itself where nothing better can be made of it. */
  readonly texts: readonly string[]
}

const byteOrderMark = '\ufeff'

/** What may stand between the texts of a frame that is a batch: a line feed, most often, or what RFC 7464 puts there. */
const joints = ' \t\r\n,;\u001e'

/**
 * Looks for the messages in a frame that is no JSON object: a server that joins messages, or begins its frames with a byte order mark, does
 * the rest right, and is told of that one fault rather than of everything that its frames were waited for.
 */
export function frameFault(text: string): FrameFault {
  if (text.startsWith(byteOrderMark) && parseWire(text.slice(1)))
    return { fault: 'a byte order mark (U+FEFF) in front of the JSON text', texts: [text.slice(1)] }
  const objects = objectsIn(text)
  const [first, second] = objects
  if (!first || !second) return { texts: [text] }
  const count = objects.length === 2 ? 'two' : String(objects.length)
  const between = text.slice(first.end, second.start)
  return {
    fault: `${count} JSON texts in one frame, ${inWords(between)}`,
    texts: objects.map(({ start, end }) => text.slice(start, end)),
  }
}

/**
 * A frame in words that is no message: why it is no JSON, or what it has for a type.
 *
 * @param message - What a parser made of it; `undefined` where it is no JSON object.
 */
export function noMessage(text: string, message: Wire | undefined): string {
  if (message) {
    const type = 'type' in message ? `the type ${clip(JSON.stringify(message['type']))}` : 'no type'
    return `one with ${type}, ${clip(text)}`
  }
  const fault = jsonFault(text)
  return fault === undefined ? clip(text) : `a text that is no JSON: ${fault}`
}

function inWords(between: string): string {
  if (between === '') return 'with nothing between them'
  return between === '\n' ? 'joined by a line feed' : `joined by ${JSON.stringify(between)}`
}

function isJoint(between: string): boolean {
  return Array.from(between).every((character) => joints.includes(character))
}

const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/g

interface Place {
  readonly start: number
  readonly end: number
}

/** Where the JSON objects stand that a text is joined from; none where it is anything else. */
function objectsIn(text: string): readonly Place[] {
  const places: Place[] = []
  let depth = 0
  let start = 0
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (depth === 0) start = index
    if (token === '{' || token === '[') depth += 1
    if (token === '}' || token === ']') depth -= 1
    if (depth < 0) return []
    if (depth === 0) places.push({ start, end: index + token.length })
  }
  const ends = [...places.slice(1).map((place) => place.start), text.length]
  const isWhole = places.every(({ end }, index) => isJoint(text.slice(end, ends[index])))
  const areObjects = places.every((place) => parseWire(text.slice(place.start, place.end)))
  return depth === 0 && isJoint(text.slice(0, places[0]?.start)) && isWhole && areObjects ? places : []
}
