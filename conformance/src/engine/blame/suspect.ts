import type { SchemaJudge } from '../../endpoint/schema-judge.ts'
import type { TranscriptEntry } from '../../endpoint/transcript.ts'
import { parseWire, stringOf, type Wire } from '../../endpoint/wire.ts'

/** A frame of the kit that may have ended the server, or have made it fall silent. */
export interface Suspect {
  /** Id of the check that sent it, or name of the scenario. */
  readonly check: string
  readonly frame: TranscriptEntry
  /** Whether it is other than what every client sends all the time. */
  readonly unusual: boolean
}

/** What a view of the run has seen. */
export interface View {
  /** Id of the check, or name of the scenario. */
  readonly checkId: string
  readonly transcript: readonly TranscriptEntry[]
}

/** The time in which what was sent may have come over the server, in milliseconds since the run began. */
export interface Moment {
  readonly from: number
  readonly to: number
}

/** Milliseconds before the first message without an answer within which the frame was sent that the server stumbled over. */
const beforeMs = 50

/** Milliseconds that a process may take to end, on a busy machine, once it has got the frame. */
const dyingMs = 1000

/** Milliseconds within which a server that stops ends all of its connections. */
export const togetherMs = 250

/** Types that every client sends all the time, and members with which they are nothing special. */
const routineTypes: ReadonlySet<string> = new Set(['hello', 'auth', 'ping', 'bye', 'join', 'leave', 'hangup'])
const routineMembers: ReadonlySet<string> = new Set(
  'type id versions method token room to call reason'.split(' '),
)

/** Whether an entry says that a connection ended without the kit's doing; one that was refused had never begun. */
export function wasEnded({ direction, text }: Pick<TranscriptEntry, 'direction' | 'text'>): boolean {
  return direction === 'event' && text.startsWith('connection ended') && !text.includes('ECONNREFUSED')
}

/** When a server stopped: as the last of the connections ended that ended together. */
export function momentOfStop(views: readonly View[]): Moment | undefined {
  const ends = views
    .flatMap(({ transcript }) => transcript)
    .filter(wasEnded)
    .map(({ at }) => at)
  if (ends.length === 0) return undefined
  const last = Math.max(...ends)
  const first = Math.min(...ends.filter((at) => at >= last - togetherMs))
  return { from: first - dyingMs, to: first }
}

/**
 * When a server fell silent: about when the first message was sent that wants an answer and has got none.
 *
 * @param views - Of those who still waited when it was noticed; who had ended before had got its answers.
 */
export function momentOfSilence(views: readonly View[]): Moment | undefined {
  const unanswered = views
    .flatMap(({ transcript }) => unansweredOf(transcript))
    .filter(({ text }) => wantsAnswer(parseWire(text) ?? {}))
  if (unanswered.length === 0) return undefined
  const first = Math.min(...unanswered.map(({ at }) => at))
  return { from: first - beforeMs, to: Infinity }
}

/**
 * Frames that may have done it, the most likely first: those that were neither answered nor followed by one that was; of these unusual ones
 * before those that every client sends; then in the order in which they were sent, since all that comes after the culprit is innocent.
 */
export function suspectsOf(views: readonly View[], { from, to }: Moment, judge: SchemaJudge): Suspect[] {
  const seen = new Set<TranscriptEntry>()
  const suspects = views.flatMap(({ checkId: check, transcript }) => {
    const open = new Set(unansweredOf(transcript))
    return transcript
      .filter((frame) => frame.direction === 'sent' && frame.at >= from && frame.at <= to)
      .filter((frame) => !seen.has(frame) && seen.add(frame))
      .map((frame) => ({ check, frame, unusual: isUnusual(frame.text, judge), answered: !open.has(frame) }))
  })
  return suspects.toSorted(
    (a, b) =>
      Number(a.answered) - Number(b.answered) ||
      Number(b.unusual) - Number(a.unusual) ||
      a.frame.at - b.frame.at,
  )
}

/** Messages that are answered also without an `id`. */
const answers: Readonly<Record<string, string>> = { hello: 'welcome', auth: 'authenticated' }

function wantsAnswer(message: Wire): boolean {
  return 'id' in message || (stringOf(message, 'type') ?? '') in answers
}

/** Frames that were sent after all that was answered, by endpoint. */
function unansweredOf(transcript: readonly TranscriptEntry[]): TranscriptEntry[] {
  const got = new Set<string>()
  /** Answers that no `id` ties to a message: each is of one message, the first that wants it. */
  const left = new Map<string, number>()
  for (const { direction, endpoint, text } of transcript) {
    if (direction !== 'received') continue
    const message = parseWire(text) ?? {}
    got.add(key(endpoint, 'ref', stringOf(message, 'ref'))).add(callOf(message))
    const type = key(endpoint, 'type', stringOf(message, 'type'))
    left.set(type, (left.get(type) ?? 0) + 1)
  }
  const takes = (type: string) => {
    const count = left.get(type) ?? 0
    if (count > 0) left.set(type, count - 1)
    return count > 0
  }
  const isAnswered = ({ endpoint }: TranscriptEntry, message: Wire) => {
    const id = stringOf(message, 'id')
    const answer = answers[stringOf(message, 'type') ?? '']
    const isOfType = answer !== undefined && takes(key(endpoint, 'type', answer))
    if (id !== undefined && got.has(key(endpoint, 'ref', id))) return true
    return isOfType || ('call' in message && got.has(callOf(message)))
  }
  const open = new Map<string, TranscriptEntry[]>()
  for (const entry of transcript) {
    if (entry.direction !== 'sent') continue
    const answered = isAnswered(entry, parseWire(entry.text) ?? {})
    const earlier = answered ? [] : (open.get(entry.endpoint) ?? [])
    open.set(entry.endpoint, answered ? [] : [...earlier, entry])
  }
  return [...open.values()].flat()
}

function key(endpoint: string, member: string, value: string | undefined): string {
  return `${endpoint} ${member} ${value ?? ''}`
}

/** What tells a relayed message from most others; one that was relayed has been dealt with. */
function callOf(message: Wire): string {
  const call = stringOf(message, 'call')
  return call === undefined ? 'no call' : `call ${stringOf(message, 'type') ?? ''} ${call}`
}

function isUnusual(text: string, judge: SchemaJudge): boolean {
  const message = parseWire(text)
  if (!message || judge.client(message) !== undefined) return true
  const known = routineTypes.has(stringOf(message, 'type') ?? '')
  return !known || Object.keys(message).some((name) => !routineMembers.has(name))
}
