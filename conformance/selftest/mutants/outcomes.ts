import type { Frame, MiddlemanRules, Passage } from '../middleman.ts'
import { type Mutants, refusedAsBad, tampered } from '../mutant.ts'
import { changed, counted, isRelayed, isValid, refusal, textOf, valid, without } from '../rule.ts'

const withoutReply: ReadonlySet<unknown> = new Set(['update', 'offer', 'answer', 'candidate', 'hangup'])

/** Notes the type of each message with an id, so that its outcome can be told from others. */
function outcomesOf(
  change: (outcome: Frame, type: unknown, passage: Passage) => Frame | boolean | readonly Frame[],
): () => MiddlemanRules {
  return () => ({
    toServer: (frame, passage) => {
      if ('id' in frame) passage.notes.set(`id ${textOf(frame, 'id')}`, frame['type'])
      return true
    },
    toClient: (frame, passage) => {
      if (isRelayed(frame) || !('ref' in frame)) return true
      return change(frame, passage.notes.get(`id ${textOf(frame, 'ref')}`), passage)
    },
  })
}

/** Drops errors about some messages that carry no id. */
function silentAbout(...types: readonly string[]): () => MiddlemanRules {
  return () => ({
    toClient: changed(
      'error',
      (frame) => 'ref' in frame || frame['fatal'] === true || !types.includes(String(frame['of'])),
    ),
  })
}

/** Changes the id on its way. */
function refused(which: (id: string) => boolean): () => MiddlemanRules {
  return () => ({
    toServer: (frame, passage) => {
      if (!isValid(frame) || typeof frame['id'] !== 'string' || !which(frame['id'])) return true
      passage.toClient(refusal(frame, 'bad-message'))
      return false
    },
  })
}

/** Consequences of an ok to a relayed message that does not come, or comes too late for those who wait for it. */
const okIsMissing = {
  'outcomes.exactly-one': 'its check waits for ok',
  'outcomes.no-ref': 'its check waits for ok',
  'connection.back-to-back': 'its check waits for ok',
  'auth.grants': 'its check waits for ok',
  'relay.delivered': 'its check waits for ok',
  'relay.no-call-state': 'its check waits for ok',
  'relay.unread': 'its check waits for ok',
  'limits.accept-size': 'its check waits for ok',
  'frames.unknown-members': 'its check waits for ok',
  'frames.nesting': 'its check waits for ok',
  'frames.whitespace': 'its check waits for ok',
  'delivery.no-gap': 'its check waits for ok',
  'delivery.once': 'its check waits for ok',
  'delivery.sender-gone': 'its check waits for ok',
  'delivery.slow-receiver': 'its check waits for ok',
  'frames.bad-shape': 'its check waits for ok',
  'limits.refuse-size': 'its check waits for ok',
} as const

/** Faults of spec/outcomes.md, section Outcomes. */
export const outcomeMutants: Mutants = [
  tampered(
    'says ok to who joins again where nobody else is',
    'outcomes.typed-reply',
    () => ({
      toClient: (frame, passage) => {
        const again = frame['type'] === 'joined' && passage.notes.get('last') === frame['room']
        passage.notes.set('last', frame['type'] === 'joined' ? frame['room'] : '')
        if (!again || !('ref' in frame) || (frame['members'] as unknown[]).length > 0) return true
        return [without(frame, 'ref'), { type: 'ok', ref: frame['ref'] as string }]
      },
    }),
    {
      consequences: {
        'rooms.rejoin-data': 'its check joins again alone',
        'rooms.empty': 'its check joins again alone',
        'frames.exact-names': 'its check joins again alone',
      },
    },
  ),
  tampered(
    'says nothing of a leave without id',
    'outcomes.typed-reply',
    () => ({
      toClient: changed('left', (frame) => 'ref' in frame),
    }),
    { consequences: { 'rooms.leave': 'left is the answer to leave' } },
  ),
  tampered(
    'says nothing of an auth without id',
    'outcomes.typed-reply',
    () => ({
      toServer: valid('auth', (frame, passage) => (passage.notes.set('id', 'id' in frame), true)),
      toClient: changed('authenticated', (frame, passage) => {
        if ('ref' in frame || counted(passage, 'authentications') === 1) return true
        return false
      }),
    }),
    { consequences: { 'auth.refresh': 'a refresh is not answered' } },
  ),
  tampered(
    'says nothing of a candidate with id',
    'outcomes.ok',
    outcomesOf((outcome, type) => type !== 'candidate' || outcome['type'] !== 'ok'),
    {
      consequences: {
        ...okIsMissing,
        'outcomes.in-time': 'there is no outcome',
        'outcomes.id-reuse': 'its check sends candidates with an id',
      },
    },
  ),
  tampered(
    'says ok without ref to messages without id',
    'outcomes.silent',
    () => ({
      toServer: (frame, passage) => {
        if (withoutReply.has(frame['type']) && !('id' in frame) && isValid(frame))
          passage.toClient({ type: 'ok' })
        return true
      },
    }),
    {
      consequences: { 'limits.refuse-size': 'an answer comes that is none', 'frames.shape': 'ok has a ref' },
    },
  ),
  tampered(
    'sends an update back to who sent it without id',
    'outcomes.silent',
    () => ({
      toServer: valid('update', (frame, passage) => {
        if (!('id' in frame))
          passage.toClient({
            type: 'joined',
            room: frame['room'],
            self: { peer: passage.peer },
            members: [],
            revision: 1,
          })
        return true
      }),
    }),
    {
      consequences: {
        'rooms.joined': 'joined comes unasked',
        'rooms.members': 'it lists nobody',
        'rooms.peer-joined': 'it lists nobody',
        'rooms.revision': 'it counts from 1 again',
        'rooms.known-first': 'it lists nobody',
        'rooms.left-once': 'it lists nobody',
        'rooms.rejoin': 'it lists nobody',
      },
    },
  ),
  tampered(
    'says nothing of an update that fails without id',
    'outcomes.failure-told',
    silentAbout('update'),
    { consequences: { 'frames.bad-shape': 'its check sends updates whose id is none' } },
  ),
  tampered(
    'says nothing of an unknown type without id',
    'outcomes.failure-told',
    () => ({
      toClient: changed('error', (frame) => 'ref' in frame || frame['code'] !== 'unsupported-type'),
    }),
    {
      consequences: {
        'frames.unknown-type': 'its check sends one without id',
        'capabilities.not-in-force': 'its check sends one without id',
      },
    },
  ),
  tampered(
    'says ok and joined to a join',
    'outcomes.exactly-one',
    outcomesOf((outcome, type) =>
      type === 'join' && outcome['type'] === 'joined'
        ? [outcome, { type: 'ok', ref: outcome['ref'] as string }]
        : true,
    ),
  ),
  tampered(
    'tells a failed leave twice',
    'outcomes.exactly-one',
    outcomesOf((outcome, type) =>
      type === 'leave' && outcome['type'] === 'error' ? [outcome, outcome] : true,
    ),
  ),
  tampered(
    'sends the outcome of an offer to its receiver as well',
    'outcomes.exactly-one',
    () => ({
      toClient: (frame) =>
        frame['type'] === 'offer' && 'id' in frame
          ? [frame, { type: 'ok', ref: frame['id'] as string }]
          : true,
    }),
    { consequences: { 'outcomes.no-ref': 'what answers nothing carries a ref' } },
  ),
  tampered(
    'forgets every fourteenth ok',
    'outcomes.exactly-one',
    outcomesOf((outcome, _type, passage) => outcome['type'] !== 'ok' || counted(passage, 'oks') % 14 !== 0),
    {
      consequences: {
        ...okIsMissing,
        'outcomes.ref': 'an outcome is missing',
        'outcomes.ok': 'an outcome is missing',
        'outcomes.in-time': 'an outcome is missing',
      },
    },
  ),
  tampered(
    'writes refs without their outer spaces',
    'outcomes.ref',
    outcomesOf((outcome) => ({ ...outcome, ref: String(outcome['ref']).trim() || ' ' })),
    {
      consequences: {
        'outcomes.no-ref': 'nobody has sent that id',
        'outcomes.id-any': 'its check has such ids',
      },
    },
  ),
  tampered(
    'writes a ref of digits without leading zeros',
    'outcomes.ref',
    outcomesOf((outcome) => ({ ...outcome, ref: String(outcome['ref']).replace(/^0+(?=\d+!?$)/, '') })),
    {
      consequences: {
        'outcomes.no-ref': 'nobody has sent that id',
        'outcomes.id-any': 'its check has such ids',
      },
    },
  ),
  tampered(
    'leaves ref out where type is no string',
    'outcomes.ref',
    () => ({
      toClient: changed('error', (frame) =>
        'of' in frame || !('ref' in frame) || frame['code'] !== 'bad-message' ? true : without(frame, 'ref'),
      ),
    }),
    { consequences: { 'frames.no-type': 'its check looks for the ref' } },
  ),
  tampered(
    'leaves ref out of errors about hello',
    'outcomes.ref',
    outcomesOf((outcome, type) =>
      type === 'hello' && outcome['type'] === 'error' && outcome['fatal'] === false
        ? without(outcome, 'ref')
        : true,
    ),
    {
      consequences: {
        'connection.welcome': 'its check looks for the ref',
        'connection.second-hello': 'its check looks for the ref',
        'outcomes.exactly-one': 'an outcome without ref is none',
        'outcomes.failure-told': 'its check looks for the ref',
        'errors.code': 'its check looks for the ref',
        'errors.fatal-flag': 'its check looks for the ref',
        'errors.goes-on': 'its check looks for the ref',
        'errors.context': 'its check looks for the ref',
        'errors.context-equal': 'its check looks for the ref',
        'frames.bad-shape': 'its check looks for the ref',
        'frames.forged-from': 'its check looks for the ref',
        'frames.forged-ref': 'its check looks for the ref',
        'frames.hop-members': 'its check looks for the ref',
        'frames.dollar-name': 'its check looks for the ref',
      },
    },
  ),
  tampered('writes the id of a join into peer-joined', 'outcomes.no-ref', () => {
    const joins = new Map<unknown, unknown>()
    return {
      toServer: valid('join', (frame, passage) => {
        if ('id' in frame) joins.set(passage.peer, frame['id'])
        return true
      }),
      toClient: changed('peer-joined', (frame) => {
        const id = joins.get((frame['member'] as Frame)['peer'])
        return id === undefined ? true : { ...frame, ref: id }
      }),
    }
  }),
  tampered(
    'writes a ref into every pong',
    'outcomes.no-ref',
    () => ({
      toClient: changed('pong', (frame) => ('ref' in frame ? true : { ...frame, ref: 'none' })),
    }),
    { consequences: { 'connection.pong': 'its check looks for pongs without ref' } },
  ),
  tampered(
    'refuses ids of more than 36 characters',
    'outcomes.id-any',
    refused((id) => id.length > 36),
    {
      consequences: {
        ...refusedAsBad,
        'relay.members': 'its check has such ids',
        'limits.accept-size': 'its check may pad the id',
        'frames.whitespace': 'its check has such ids',
      },
    },
  ),
  tampered(
    'refuses ids with characters beyond letters and digits',
    'outcomes.id-any',
    refused((id) => id.includes('~')),
    {
      consequences: {
        ...refusedAsBad,
        'relay.members': 'its check has such ids',
        'outcomes.id-reuse': 'its check has such ids',
      },
    },
  ),
  tampered(
    'drops a message whose id it has seen',
    'outcomes.id-reuse',
    () => ({
      toServer: (frame, passage) => {
        if (
          !isRelayed(frame) ||
          !('id' in frame) ||
          !isValid(frame) ||
          counted(passage, `id ${textOf(frame, 'id')}`) === 1
        )
          return true
        passage.toClient({ type: 'ok', ref: frame['id'] })
        return false
      },
    }),
    {
      consequences: {
        'relay.from': 'its senders use the same ids',
        'delivery.no-gap': 'its check sends equal messages',
      },
    },
  ),
  tampered('answers an id once', 'outcomes.id-reuse', () => ({
    toClient: (frame, passage) =>
      !('ref' in frame) || frame['type'] === 'error' || counted(passage, `ref ${textOf(frame, 'ref')}`) === 1,
  })),
  tampered(
    'refuses an id that another client has used',
    'outcomes.id-reuse',
    () => {
      const users = new Map<unknown, number>()
      return {
        toServer: (frame, passage) => {
          if (frame['id'] !== 'same') return true
          if (!users.has(frame['id'])) users.set(frame['id'], passage.number)
          if (users.get(frame['id']) === passage.number) return true
          passage.toClient(refusal(frame, 'bad-message'))
          return false
        },
      }
    },
    { consequences: { 'delivery.no-gap': 'its check sends equal messages' } },
  ),
  tampered(
    'lets the outcome of an answer wait for two seconds',
    'outcomes.in-time',
    outcomesOf((outcome, type, passage) => {
      if (type !== 'answer' || outcome['type'] !== 'ok') return true
      setTimeout(() => {
        passage.toClient(outcome)
      }, 2000)
      return false
    }),
    {
      consequences: { ...okIsMissing, 'outcomes.ok': 'an outcome is late' },
    },
  ),
  tampered(
    'sends left only when something else comes',
    'outcomes.in-time',
    () => ({
      toServer: (_frame, passage) => {
        const held = passage.notes.get('held') as Frame | undefined
        passage.notes.delete('held')
        if (held) passage.toClient(held)
        return true
      },
      toClient: changed('left', (frame, passage) => {
        passage.notes.set('held', frame)
        return false
      }),
    }),
    {
      consequences: {
        'rooms.leave': 'left is late',
        'rooms.after-left': 'left is late',
        'rooms.joined-first': 'left is late',
        'outcomes.exactly-one': 'left is late',
        'resume.again': 'left is late',
      },
    },
  ),
]
