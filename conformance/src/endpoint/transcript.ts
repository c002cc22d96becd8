import { isCustomType, messages } from '@parley/schemas'
import { abbreviated } from './abbreviated.ts'
import { parseWire, stringOf } from './wire.ts'

/** One frame, or one event of the connection, as one endpoint of the kit saw it. */
export interface TranscriptEntry {
  /** Milliseconds since the run began, to the microsecond. */
  readonly at: number
  /** The kit's endpoint: `A`, `B`, … in the order in which a check opened them. */
  readonly endpoint: string
  /** `sent` by the kit, `received` from the server, or an `event` of the connection. */
  readonly direction: 'sent' | 'received' | 'event'
  /** The frame's text, or the description of the event. */
  readonly text: string
}

/** An entry as a report shows it. */
export interface ShownEntry extends TranscriptEntry {
  /** Shows the failure: the frame that it is about, or the answer to that. */
  readonly decisive?: boolean
}

/** What a failure says of the frames that show it. */
export interface FrameHints {
  /** Texts of frames. */
  readonly frames: readonly string[]
  /** What was expected and what was seen; an `id` that it quotes leads to a frame. */
  readonly words: string
  /** The last entry is the one. */
  readonly last: boolean
}

/** Frames of each endpoint that a report shows. */
const shownEntries = 14

/** Decisive frames that a report shows at most. */
const mostDecisive = 8

/** Characters of a frame in which secrets are looked for: far more than is shown. */
const redactedCharacters = 100_000

/** Characters of a frame that a report shows. */
const shownCharacters = 360

/**
 * The last entries of each endpoint and those that show the failure, merged in order of time, shortened and without secrets.
 *
 * @param hints - `undefined` where nothing failed.
 */
export function excerpt(
  entries: readonly TranscriptEntry[],
  redact: (text: string) => string,
  hints?: FrameHints,
): ShownEntry[] {
  const decisive = hints ? decisiveOf(entries, hints) : new Set<TranscriptEntry>()
  const shown = new Set<TranscriptEntry>(decisive)
  for (const endpoint of new Set(entries.map((entry) => entry.endpoint))) {
    for (const entry of entries.filter((each) => each.endpoint === endpoint).slice(-shownEntries))
      shown.add(entry)
  }
  return entries
    .filter((entry) => shown.has(entry))
    .map((entry) => ({
      ...entry,
      text: shorten(redact(entry.text.slice(0, redactedCharacters)), entry.text.length),
      ...(decisive.has(entry) ? { decisive: true } : {}),
    }))
}

function decisiveOf(
  entries: readonly TranscriptEntry[],
  { frames, words, last }: FrameHints,
): Set<TranscriptEntry> {
  const final = last ? entries.slice(-1) : []
  const named = [
    ...entries.filter(({ text, direction }) => direction !== 'event' && frames.includes(text)),
    ...final,
  ]
  const ids = new Set([...words.matchAll(/\bid "([^"]+)"/g)].map(([, id]) => id))
  for (const { text } of named) {
    const message = parseWire(text) ?? {}
    ids.add(stringOf(message, 'ref') ?? stringOf(message, 'id'))
  }
  ids.delete(undefined)
  const about = entries.filter(({ text, direction }) => {
    const message = direction === 'event' ? undefined : parseWire(text)
    return message && (ids.has(stringOf(message, 'id')) || ids.has(stringOf(message, 'ref')))
  })
  const found = [...new Set([...named, ...about])]
  if (found.length > 0) return new Set(found.slice(-mostDecisive))
  const spokenOf = ofTypesIn(entries, words)
  return new Set(spokenOf.length > 0 ? spokenOf : lastAct(entries))
}

/** Types of messages that words can be about; the others stand in every transcript, or are words that mean much else. */
const tellingTypes: ReadonlySet<string> = new Set(
  messages
    .map(({ type }) => type)
    .filter((type) => !['error', 'ok', 'ping', 'pong', 'hello', 'auth'].includes(type)),
)

/** Frames of each kind that are taken for those which words are about. */
const framesOfTypes = 4

/**
 * The last frames of the types that came instead, as the words of a failure name them, of the endpoints that they name where there are such; of
 * what did not arrive those that were sent.
 */
function ofTypesIn(entries: readonly TranscriptEntry[], words: string): readonly TranscriptEntry[] {
  const [expected = '', actual = ''] = words.split(', but ')
  // What led to a silence shows more than what came before it.
  if (actual.startsWith('nothing')) return []
  const isMissing = /\bdid not arrive\b/.test(actual)
  const said = isMissing ? expected : actual
  const types = new Set(said.match(/[a-z]+(?:-[a-z]+)*/g)?.filter((word) => tellingTypes.has(word)))
  const about = entries.filter(({ direction, text }) => {
    const type = direction === 'event' ? undefined : stringOf(parseWire(text) ?? {}, 'type')
    if (type === undefined || (isMissing && direction !== 'sent')) return false
    return types.has(type) || (isCustomType(type) && said.includes('custom message'))
  })
  const named = new Set(words.match(/\b[A-Z]\b/g))
  const there = about.filter(({ endpoint }) => named.has(endpoint))
  return (there.length > 0 ? there : about).slice(-framesOfTypes)
}

/** The last thing that the kit did of its own, and what came after it: neither the `ping` by which it proves silence nor its goodbye. */
function lastAct(entries: readonly TranscriptEntry[]): readonly TranscriptEntry[] {
  const isProbe = ({ direction, text }: TranscriptEntry) =>
    direction !== 'event' && /^\{"type":"(ping|pong|bye)"/.test(text)
  const place = entries.findLastIndex((entry) => entry.direction === 'sent' && !isProbe(entry))
  return entries
    .slice(Math.max(0, place))
    .filter((entry) => !isProbe(entry))
    .slice(0, mostDecisive)
}

function shorten(text: string, length: number): string {
  if (text.length <= shownCharacters) return text
  return `${abbreviated(text, shownCharacters)} (${String(length)} characters)`
}
