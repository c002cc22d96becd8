import { judgeOutcomes, matchByRef, matchOthers } from './outcome-judge.ts'
import type { Participant, World } from './participant.ts'
import { judgePresence } from './presence-judge.ts'
import { isRelayed } from '../observer/relayed.ts'
import { judgeRelays } from './relay-judge.ts'
import { reseat } from './seating.ts'
import { clip } from '../observer/frame-observer.ts'
import type { Blame } from './world.ts'

/**
 * Judges everything that was said since the last settlement: what is wrong is reported to the world.
 *
 * @returns What is missing still.
 */
export function judgeAll(world: World): Blame | undefined {
  const { participants } = world
  for (const each of participants) matchByRef(each)
  for (const each of participants) reseat(world, each)
  // Where a client is depends on joins without an id, whose answer has to be found first; so the others are matched twice.
  for (const each of participants) matchOthers(world, each)
  for (const each of participants) reseat(world, each)
  const left = new Map(
    participants.map((each) => {
      matchByRef(each)
      return [each, matchOthers(world, each)]
    }),
  )
  for (const each of participants) reseat(world, each)
  let missing: Blame | undefined
  for (const each of participants) missing ??= judgeOutcomes(world, each, left.get(each) ?? [])
  missing ??= judgeRelays(world)
  missing ??= judgePresence(world)
  for (const each of participants) missing ??= judgeEnd(world, each)
  return missing
}

/** Whether an end was right; and where one is due, whether it has come. */
function judgeEnd(world: World, participant: Participant): Blame | undefined {
  const { mustEnd, end, fatal, name } = participant
  if (end) {
    if (!end.byUs && !isRight(world, participant)) blameEnd(world, participant)
    return undefined
  }
  if (mustEnd) {
    const [requirement, expected, actual] = mustEnd
    return { requirement, expected, actual }
  }
  if (fatal === undefined) return undefined
  return {
    requirement: 'errors.fatal-ends',
    expected: `the connection of ${name} to end after the fatal ${fatal}`,
    actual: 'it was still open',
  }
}

/** Close code of a server that shuts down, as its operator may have it do at any time. */
const goingAway = 1001

/** Fatal errors that depend on what the model does not see: time, load, and the operator. */
function isRight(world: World, participant: Participant): boolean {
  const { mayEnd, fatal, end, isVisitor, sent, user, isAuthenticated } = participant
  if (mayEnd !== undefined || end?.code === goingAway || world.settled.has(participant)) return true
  switch (fatal ?? '') {
    case 'rate-limited':
      return !world.limits.hasRate || world.ignoresRate
    case 'too-slow':
    case 'kicked':
      return true
    case 'token-expired':
      return user !== undefined && world.users[user]?.expiresInMs !== undefined
    case 'auth-timeout':
      return !world.isOpen && !isAuthenticated
    default:
      return isVisitor && sent.some(({ ruling }) => ruling?.codes.has(fatal ?? '') === true)
  }
}

function blameEnd(world: World, { fatal, end, name, sent, isVisitor }: Participant): void {
  const open = sent.filter(({ outcome, reading }) => outcome === undefined && reading.type !== 'ping')
  const others = world.participants.filter((each) => each.end && !each.end.byUs && !isRight(world, each))
  const how = fatal === undefined ? 'ended without an error' : `ended with the fatal error ${fatal}`
  const code = end?.code === undefined ? '' : ` and close code ${String(end.code)}`
  const suspect = open.find(({ reading }) => reading.faults.length > 0) ?? open.at(0)
  const before = suspect ? `; the first frame without an outcome was ${clip(suspect.reading.text)}` : ''
  const requirement = isVisitor
    ? 'connection.hello-first'
    : others.length > 1
      ? 'frames.others-unharmed'
      : suspect?.reading.faults.length
        ? 'frames.goes-on'
        : 'errors.fatal-first'
  world.blame(
    requirement,
    'the connection to go on: nothing that was sent on it ends it',
    `the connection of ${others.length > 1 ? others.map((each) => each.name).join(', ') : name} ${how}${code}${before}`,
  )
}

/** The model agrees with what was said: from here on only what follows is looked at. */
export function settle(world: World): void {
  for (const each of world.participants) {
    each.settledSeats = each.seats
    each.settledData = each.data
    each.authFailures += each.outcomes.filter(({ message }) => message['code'] === 'auth-failed').length
    each.former = stragglersOf(each)
    each.settled()
    if (each.end) world.settled.add(each)
    if (each.isOpen && !each.isLeaving) {
      each.doubtFrom = Infinity
      each.mayEnd = undefined
      each.endReasons.clear()
    }
  }
  world.since = world.now
}

/** Relayed messages that were not refused, as far as is known, and have not been delivered: they may still come. */
function stragglersOf({ sent }: Participant): Participant['sent'] {
  return sent.filter(
    ({ reading, outcome, ruling, deliveredAt }) =>
      isRelayed(reading.type) &&
      outcome?.type !== 'error' &&
      deliveredAt === undefined &&
      ruling?.refusedBy === undefined,
  )
}
