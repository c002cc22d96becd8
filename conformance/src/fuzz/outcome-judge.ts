import type { ServerRequirementId } from '../generated/requirement.ts'
import { clip } from '../observer/frame-observer.ts'
import { indefinite } from '../observer/indefinite.ts'
import { isRelayed } from '../observer/relayed.ts'
import type { Participant, Sent, World } from './participant.ts'
import { typedReplies } from './reading.ts'
import { rule } from './ruling.ts'
import type { Blame, Outcome } from './world.ts'

/** Gives outcomes that name an `id` to the frame with that `id`, where it is one alone. */
export function matchByRef({ sent, outcomes }: Participant): void {
  const byId = new Map<string, Sent | 'several'>()
  for (const each of sent) {
    each.outcome = undefined
    const { id } = each.reading
    if (id !== undefined) byId.set(id, byId.has(id) ? 'several' : each)
  }
  const taken = new Set<Sent>()
  for (const outcome of outcomes) {
    const found = outcome.ref === undefined ? undefined : byId.get(outcome.ref)
    // A second one is left over.
    if (found === undefined || found === 'several' || taken.has(found)) continue
    taken.add(found)
    found.outcome = outcome
  }
}

/**
 * Gives the other outcomes to frames that they can be of: without `id`, with an `id` that others have too, or refused unread. Where several
 * ways are possible one is taken in which as many frames as possible have what they need.
 *
 * @returns Outcomes that belong to nothing.
 */
export function matchOthers(world: World, { sent, outcomes }: Participant): readonly Outcome[] {
  const given = new Set(sent.map(({ outcome }) => outcome))
  const open = outcomes.filter((each) => !given.has(each))
  if (open.length === 0) return []
  const frames = sent.filter(({ outcome }) => outcome === undefined)
  for (const frame of frames) frame.ruling = rule(world, frame)
  const ofFrame = new Map<Sent, number>()
  const ofOutcome = new Map<number, Sent>()
  const edges = new Map(
    frames.map((frame) => [frame, open.flatMap((each, at) => (mayBe(frame, each) ? [at] : []))]),
  )
  const augment = (frame: Sent, seen: Set<number>): boolean => {
    for (const at of edges.get(frame) ?? []) {
      if (seen.has(at)) continue
      seen.add(at)
      const other = ofOutcome.get(at)
      if (other !== undefined && !augment(other, seen)) continue
      ofOutcome.set(at, frame)
      ofFrame.set(frame, at)
      return true
    }
    return false
  }
  const inNeed = frames.filter(needsOutcome)
  for (const frame of [...inNeed, ...frames.filter((each) => !inNeed.includes(each))])
    augment(frame, new Set())
  for (const [at, frame] of ofOutcome) frame.outcome = open[at]
  inOrder([...ofFrame.keys()])
  return open.filter((_, at) => !ofOutcome.has(at))
}

/** Typed replies of the same kind answer in the order of asking. */
function inOrder(frames: readonly Sent[]): void {
  const alike = new Map<string, Sent[]>()
  for (const frame of frames) {
    if (!frame.outcome || frame.outcome.type === 'error') continue
    const key = `${frame.reading.type} ${frame.reading.room ?? ''} ${frame.reading.id ?? ''}`
    const group = alike.get(key)
    if (group) group.push(frame)
    else alike.set(key, [frame])
  }
  for (const group of alike.values()) {
    const replies = group.map(({ outcome }) => outcome).toSorted((a, b) => (a?.at ?? 0) - (b?.at ?? 0))
    for (const [index, frame] of group.toSorted((a, b) => a.at - b.at).entries())
      frame.outcome = replies[index]
  }
}

/** Whether it would be wrong if nothing came of it. */
function needsOutcome({ reading, ruling }: Sent): boolean {
  // Its outcome is the end of the connection, after which nothing is missed.
  if (reading.type === 'bye') return true
  return reading.id !== undefined || ruling?.refusedBy !== undefined || typedReplies.has(reading.type)
}

function mayBe({ at, reading, ruling }: Sent, { at: cameAt, ref, type, message }: Outcome): boolean {
  if (cameAt < at) return false
  if (ref === undefined ? reading.id !== undefined && !reading.isUnread : ref !== reading.id) return false
  if (type === 'error') {
    return ruling?.codes.has(String(message['code'])) === true && hasItsContext(message, reading)
  }
  if (ruling?.refusedBy !== undefined) return false
  if (type !== (typedReplies.get(reading.type) ?? 'ok')) return false
  return !('room' in message) || message['room'] === reading.room
}

const context = [
  ['of', 'type'],
  ['to', 'to'],
  ['call', 'call'],
  ['room', 'room'],
] as const

function hasItsContext(error: Outcome['message'], { message, scan }: Sent['reading']): boolean {
  if (!message) return true
  return context.every(
    ([name, of]) => !(name in error) || scan?.twice.has(of) === true || error[name] === message[of],
  )
}

/** Judges what came of each frame of a participant; what is missing is told apart from what is wrong. */
export function judgeOutcomes(
  world: World,
  participant: Participant,
  left: readonly Outcome[],
): Blame | undefined {
  for (const sent of participant.sent) {
    sent.ruling = rule(world, sent)
    if (sent.outcome) judge(world, sent, sent.outcome)
  }
  judgeFailures(world, participant)
  for (const outcome of left) judgeLeft(world, participant, outcome)
  if (participant.end || participant.fatal !== undefined || participant.mustEnd) return undefined
  const missing = participant.sent.find((sent) => sent.outcome === undefined && needsOutcome(sent))
  return missing && missingWords(missing)
}

function judge(world: World, { reading, ruling }: Sent, { type, message, ref }: Outcome): void {
  const what = indefinite(reading.type === '' ? 'frame' : reading.type)
  const refusedBy = ruling?.refusedBy
  if (type !== 'error') {
    if (refusedBy !== undefined) {
      world.blame(
        refusedBy,
        `an error (${codesIn(ruling)}) for ${what} that has to be refused`,
        `it was answered with ${type}`,
      )
      return
    }
    const reply = typedReplies.get(reading.type) ?? 'ok'
    if (type !== reply)
      world.blame(
        reply === 'ok' ? 'outcomes.ok' : 'outcomes.typed-reply',
        `${reply} for ${what}`,
        `it was answered with ${type}`,
      )
    return
  }
  const code = String(message['code'])
  if (message['fatal'] === true && code !== 'auth-failed') return
  if (ruling?.codes.has(code) !== true) {
    if (refusedBy !== undefined)
      world.blame(
        refusedBy,
        `an error with ${codesIn(ruling)} for ${what} that has to be refused`,
        `the code was ${code}`,
      )
    else
      world.blame(
        brokenBy(world, code, reading.type),
        `${what} to be accepted: nothing speaks against it`,
        `it was refused with ${code}`,
      )
    return
  }
  if (ref !== undefined && !hasItsContext(message, reading))
    world.blame(
      'errors.context-equal',
      'of, to, call and room as the failed message had them',
      `they are ${clip(JSON.stringify(message))}`,
    )
  if (code === 'rate-limited' && !('retryAfterMs' in message))
    world.blame('delivery.rate-single', 'retryAfterMs in a rate-limited that is not fatal', 'it had none')
}

function codesIn(ruling: Sent['ruling']): string {
  return [...(ruling?.codes ?? [])].join(' or ')
}

/** The sentence that forbids to refuse a good message with this code. */
function brokenBy({ isOpen }: World, code: string, type: string): ServerRequirementId {
  if (code === 'unauthenticated') return isOpen ? 'auth.none' : 'auth.required'
  if (code === 'forbidden') return 'auth.grants'
  if (code === 'too-large' || code === 'room-full') return 'limits.honoured'
  if (code === 'rate-limited') return 'delivery.rate-single'
  if (code === 'not-in-room' || code === 'peer-not-found') {
    if (isRelayed(type)) return 'relay.delivered'
    return type === 'update' ? 'rooms.update' : 'rooms.leave'
  }
  return code === 'auth-failed' ? 'auth.token' : 'frames.good-shape'
}

/** The first two failures of a connection are not fatal; the third is. */
function judgeFailures(world: World, participant: Participant): void {
  let failures = participant.authFailures
  for (const { message, at } of participant.outcomes) {
    if (message['code'] !== 'auth-failed') continue
    failures += 1
    const isFatal = message['fatal'] === true
    if (failures < 3 && isFatal)
      world.blame(
        'auth.third-failure',
        'the first two auth-failed not to be fatal',
        `number ${String(failures)} was`,
      )
    if (failures >= 3 && !isFatal)
      world.blame('auth.third-failure', 'the third auth-failed to be fatal', 'it was not')
    if (failures >= 3) {
      participant.doubtFrom = Math.min(participant.doubtFrom, at)
      participant.mayEnd ??= 'it failed to authenticate three times'
      participant.endReasons.add('lost')
    }
  }
}

function judgeLeft(world: World, participant: Participant, { ref, type, message }: Outcome): void {
  if (message['fatal'] === true) return
  if (type === 'left' && ref === undefined) {
    participant.shaken.add(String(message['room']))
    return
  }
  const words = `${indefinite(type)}${type === 'error' ? ` ${String(message['code'])}` : ''} came`
  if (ref === undefined) {
    const open = participant.sent.find(
      ({ outcome, reading, ruling }) =>
        outcome === undefined &&
        reading.id !== undefined &&
        ruling?.codes.has(String(message['code'])) === true,
    )
    if (type === 'error' && open && hasItsContext(message, open.reading))
      world.blame('outcomes.ref', 'ref in the outcome of a message with an id', `${words} without it`)
    else
      world.blame(
        'outcomes.silent',
        'no answer to an accepted message without an id',
        `${words} that fits nothing which was sent`,
      )
  } else if (participant.sent.some(({ reading }) => reading.id === ref))
    world.blame(
      'outcomes.exactly-one',
      `one outcome of the id ${JSON.stringify(ref)}`,
      `a further one came: ${words}`,
    )
  else
    world.blame(
      'outcomes.no-ref',
      'no ref on what answers no id',
      `${words} with the ref ${clip(JSON.stringify(ref))}`,
    )
}

/** The beginning of a frame, long enough to tell it by. */
function excerpt(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 300)}…`
}

function missingWords({ reading, ruling }: Sent): Blame {
  const what = indefinite(reading.type === '' ? 'frame' : reading.type)
  const named = reading.id === undefined ? 'without an id' : `with the id ${JSON.stringify(reading.id)}`
  const actual = `nothing came in time, while later pings were answered, for ${excerpt(reading.text)}`
  if (ruling?.refusedBy !== undefined)
    return {
      requirement: 'outcomes.failure-told',
      expected: `an error (${codesIn(ruling)}) for ${what} ${named} that has to be refused`,
      actual,
    }
  if (reading.type === 'bye')
    return {
      requirement: 'connection.bye',
      expected: 'the end of the connection after bye',
      actual: 'it was still open',
    }
  const reply = typedReplies.get(reading.type)
  return reply === undefined
    ? { requirement: 'outcomes.exactly-one', expected: `an outcome of ${what} ${named}`, actual }
    : { requirement: 'outcomes.typed-reply', expected: `${reply} for ${what} ${named}`, actual }
}
