import type { ServerRequirementId } from '@parley/conformance'
import type { Frame, MiddlemanRules, Passage, Passed, Rule } from '../middleman.ts'
import { tampered, type Mutant, type MutantOptions, type Mutants } from '../mutant.ts'
import { holding, isRelayed, textOf } from '../rule.ts'
import {
  after,
  afterReturn,
  all,
  beyondAscii,
  endsOfCandidates,
  oneIn,
  ofLength,
  ofSecondRooms,
  ofType,
  ofUser,
  relayed,
  toMember,
  type Selecting,
  type Selection,
} from '../selection.ts'

/** What becomes of a frame that is struck. */
type Blow = (frame: Frame, passage: Passage, text: string) => Passed

const drop: Blow = () => false
const double: Blow = (_frame, _passage, text) => [text, text]

/** A rule that lets a blow fall where a selection says. */
function where(selecting: Selecting, blow: Blow): () => MiddlemanRules {
  return () => {
    const selects = selecting()
    return {
      toClient: (frame, passage, text) => (selects(frame, passage, text) ? blow(frame, passage, text) : true),
    }
  }
}

/** Swaps what is struck with the relayed message that follows. */
function swapped(selecting: Selecting): () => { toClient: Rule } {
  return () => {
    const selects = selecting()
    const texts = new WeakMap<Frame, string>()
    const swap = holding(
      (frame, passage) => selects(frame, passage, texts.get(frame) ?? ''),
      (held, next) => (isRelayed(next) && next['room'] === held['room'] ? 'swap' : 'keep'),
    )
    return {
      toClient: (frame, passage, text) => {
        texts.set(frame, text)
        return swap(frame, passage, text)
      },
    }
  }
}

/** Hands what is struck to another member of the room as well. */
function leaked(selecting: Selecting): () => MiddlemanRules {
  return () => {
    const selects = selecting()
    const passages = new Set<Passage>()
    return {
      passages,
      toClient: (frame, passage, text) => {
        const isHit = selects(frame, passage, text)
        const key = `member of ${textOf(frame, 'room')}`
        if (frame['type'] === 'joined') passage.notes.set(key, true)
        if (frame['type'] === 'left') passage.notes.delete(key)
        const third = [...passages].find(
          (other) => other !== passage && other.peer !== frame['from'] && other.notes.has(key),
        )
        if (isHit) third?.toClient(text)
        return true
      },
    }
  }
}

const lost: MutantOptions = {
  consequences: {
    'relay.delivered': 'a valid message is not delivered',
  },
}

/** Where the loss strikes by chance, whichever check happens to relay something. */
const lostByChance: MutantOptions = {
  consequences: Object.fromEntries(
    (
      [
        'connection.order',
        'frames.exact-names',
        'frames.forged-from',
        'frames.nesting',
        'frames.others-unharmed',
        'frames.unknown-members',
        'frames.whitespace',
        'limits.accept-size',
        'limits.refuse-size',
        'limits.size-in-bytes',
        'relay.beyond-i-json',
        'relay.delivered',
        'relay.duplicate-names',
        'relay.from',
        'relay.members',
        'relay.nested-duplicates',
        'relay.no-call-state',
        'relay.opaque-sdp',
        'relay.unread',
        'rooms.several',
        'websocket.fragments',
        'websocket.no-compression',
      ] as const satisfies readonly ServerRequirementId[]
    ).map((requirement) => [requirement, 'the message that its check relays may be the one that is lost']),
  ),
}

const misplaced: MutantOptions = {
  consequences: {
    'connection.order': 'messages take effect in another order',
  },
}

function dropping(what: string, selecting: Selecting, options: MutantOptions = lost): Mutant {
  return tampered(`drops ${what}`, 'delivery.no-gap', where(relayed(selecting), drop), options)
}

const doubled: MutantOptions = {
  consequences: {
    'seq.numbered': 'what comes twice has one number twice',
    'resume.again': 'what comes twice is not what was sent next',
  },
}

function doubling(what: string, selecting: Selecting, options: MutantOptions = doubled): Mutant {
  return tampered(`delivers ${what} twice`, 'delivery.once', where(relayed(selecting), double), options)
}

function swapping(what: string, selecting: Selecting, options: MutantOptions = misplaced): Mutant {
  return tampered(`swaps ${what} with the next`, 'delivery.order', swapped(relayed(selecting)), options)
}

function rewriting(
  what: string,
  breaks: ServerRequirementId,
  selecting: Selecting,
  blow: Blow,
  options: MutantOptions = writtenAnew,
): Mutant {
  return tampered(what, breaks, where(selecting, blow), options)
}

const writtenAnew: MutantOptions = {
  consequences: { 'relay.beyond-i-json': 'what is struck is written anew, and large numbers are rounded' },
}

const departureUntold = 'the departure that its check waits for may be the one that is not told'

const forged: Blow = (frame, passage) => ({ ...frame, from: passage.peer })

const lessIsSaid: Blow = (frame) =>
  Object.fromEntries(Object.entries(frame).filter(([name]) => !name.includes('.')))

const lastCutOff: Blow = (frame) =>
  typeof frame['sdp'] === 'string' ? { ...frame, sdp: frame['sdp'].slice(0, -1) } : true

/** Faults that strike some frames only: one in so many, only some sorts, only from some place on. */
export const struckMutants: Mutants = [
  dropping('one relayed message in 7', oneIn(7, 1), lostByChance),
  dropping('one relayed message in 30', oneIn(30, 2), lostByChance),
  dropping('one relayed message in 60', oneIn(60, 3), {
    ...lostByChance,
    // Which messages it strikes depends on how the frames of a connection fall.
    sometimes: ['delivery.no-gap:churn', 'delivery.no-gap:returning'],
  }),
  dropping('one answer in 4', all(ofType('answer'), oneIn(4, 4)), lostByChance),
  dropping('relayed messages after the 50th of a connection', after(50)),
  dropping('relayed messages of 4 to 12 KiB', ofLength(4096, 12_288)),
  dropping('messages of a second room', ofSecondRooms),
  dropping('messages to whoever came back into a room', afterReturn),
  dropping('one message in 5 to the third member on', all(toMember(3), oneIn(5, 5)), {
    ...lost,
    // Which messages it strikes depends on how the joins of a crowd fall.
    sometimes: ['delivery.no-gap:churn'],
  }),
  dropping('messages to the seventh member on', toMember(7)),
  dropping('messages that hold more than ASCII', beyondAscii, {
    provokedBy: 'relay.unread',
    consequences: {
      ...lost.consequences,
      'frames.exact-names': 'its check sends such members',
      'frames.whitespace': 'its check sends such members',
      'relay.members': 'its checks send such members',
      'relay.opaque-sdp': 'its checks send such descriptions',
      'relay.unread': 'its check sends such a description',
      'limits.size-in-bytes': 'its checks send such messages',
      'websocket.fragments': 'its checks send such messages',
      'frames.nesting': 'its check may send such members',
      'frames.unknown-members': 'its check may send such members',
    },
  }),
  dropping('candidates to the second user', all(ofType('candidate'), ofUser('bob'))),

  doubling('one relayed message in 9', oneIn(9, 6)),
  doubling('one relayed message in 45', oneIn(45, 7)),
  doubling('the end of candidates', endsOfCandidates, {
    only: 'relay.delivered:forms,delivery.once:throughout',
  }),
  doubling('messages of a second room', ofSecondRooms),
  doubling('messages to whoever came back into a room', afterReturn),
  doubling('relayed messages after the 50th of a connection', after(50)),
  doubling('messages to the fourth member on', toMember(4)),
  doubling('messages that hold more than ASCII', beyondAscii, { provokedBy: 'relay.members:names' }),

  swapping('one relayed message in 6', oneIn(6, 8)),
  swapping('one relayed message in 40', oneIn(40, 9)),
  swapping('messages of a second room', ofSecondRooms),
  swapping('messages to the third member on', toMember(3)),
  swapping('relayed messages after the 50th of a connection', after(50)),
  swapping('messages to whoever came back into a room', afterReturn),

  rewriting(
    'names the receiver as sender of one message in 10',
    'relay.from',
    relayed(oneIn(10, 10)),
    forged,
  ),
  rewriting(
    'names the receiver as sender to the third member on',
    'relay.from',
    relayed(toMember(3)),
    forged,
  ),
  rewriting('names the receiver as sender in a second room', 'relay.from', relayed(ofSecondRooms), forged),
  rewriting(
    'leaves out members of one message in 8 that it does not know',
    'relay.members',
    relayed(oneIn(8, 11)),
    lessIsSaid,
  ),
  rewriting(
    'leaves out members that it does not know after the 40th message',
    'relay.members',
    relayed(after(40)),
    lessIsSaid,
  ),
  rewriting(
    'cuts the last character off one description in 3',
    'relay.opaque-sdp',
    relayed(oneIn(3, 12)),
    lastCutOff,
  ),
  rewriting(
    'cuts the last character off long descriptions',
    'relay.opaque-sdp',
    relayed(ofLength(16_000)),
    lastCutOff,
  ),

  tampered(
    'leaks one relayed message in 5 to a third member',
    'delivery.addressee',
    leaked(relayed(oneIn(5, 13))),
  ),
  tampered('leaks candidates to a third member', 'delivery.addressee', leaked(relayed(ofType('candidate')))),

  rewriting(
    'tells the seventh member on nothing of who comes',
    'rooms.peer-joined',
    all(ofType('peer-joined'), toMember(7)),
    drop,
  ),
  rewriting(
    'tells one departure in 5 to nobody',
    'rooms.left-once',
    all(ofType('peer-left'), oneIn(5, 14)),
    drop,
    {
      consequences: {
        'connection.end-noticed': departureUntold,
        'replaces.before-welcome': departureUntold,
        'replaces.peer-left': departureUntold,
        'rooms.bye': departureUntold,
        'rooms.leave': departureUntold,
        'rooms.lost': departureUntold,
      },
    },
  ),
  rewriting(
    'tells the second user nothing of updates',
    'rooms.update',
    all(ofType('peer-updated'), ofUser('bob')),
    drop,
  ),
  rewriting(
    'tells of no update in a second room',
    'rooms.update',
    all(ofType('peer-updated'), ofSecondRooms),
    drop,
    {
      consequences: {
        'rooms.several': 'its check changes data in the second of two rooms',
        'rooms.members': 'a walk sees it',
        'rooms.peer-joined': 'a walk sees it',
      },
    },
  ),
  rewriting(
    'tells who came back nothing of updates',
    'rooms.update',
    all(ofType('peer-updated'), afterReturn),
    drop,
  ),
  rewriting(
    'tells the fifth member on of no departure',
    'rooms.leave',
    all(ofType('peer-left'), toMember(5)),
    drop,
  ),
  rewriting(
    'lists all but the first to the fifth member on',
    'rooms.members',
    all(ofType('joined'), toMember(5)),
    (frame) => ({ ...frame, members: (frame['members'] as unknown[]).slice(1) }),
  ),
  rewriting(
    'skips a revision after the 12th frame of a connection',
    'rooms.revision',
    all(ofPresence(), after(12)),
    (frame) => ({ ...frame, revision: Number(frame['revision']) + 1 }),
  ),
  rewriting(
    'says ok twice to one message in 15',
    'outcomes.exactly-one',
    all(ofType('ok'), oneIn(15, 15)),
    double,
  ),
  rewriting(
    'says no ok after the 50th frame of a connection',
    'outcomes.exactly-one',
    all(ofType('ok'), after(50)),
    drop,
  ),
  rewriting(
    'tells one failure in 6 to nobody',
    'outcomes.failure-told',
    all(ofType('error'), notFatal, oneIn(6, 16)),
    drop,
  ),
  rewriting('answers no ping after the 20th', 'connection.pong', all(ofType('pong'), afterPongs(20)), drop),
]

/** Of fatal errors, some answer no message, and all are seen by the end that follows. */
function notFatal(): Selection {
  return (frame) => frame['fatal'] !== true
}

function ofPresence(): Selecting {
  return () => (frame) => textOf(frame, 'type').startsWith('peer-')
}

function afterPongs(count: number): Selecting {
  return () => (frame, passage) => {
    if (frame['type'] !== 'pong') return false
    const pongs = Number(passage.notes.get('pongs') ?? 0) + 1
    passage.notes.set('pongs', pongs)
    return pongs > count
  }
}
