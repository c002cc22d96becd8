import { defaultHandlers, type CallResult } from '@parley/reference-server'
import { callForms, checkClientMessageInCalls } from '@parley/schemas'
import type { ServerRequirementId } from '@parley/conformance'
import { acting, misrung, renaming, type SyncCalls } from '../altered-calls.ts'
import type { Frame, MiddlemanRules, Passage } from '../middleman.ts'
import { altered, tampered, type MutantOptions, type Mutants } from '../mutant.ts'
import { changed, holding, isRelayed, isValid, refusal, textOf, valid, without } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'

const done: CallResult = { kind: 'done', tellings: [] }

/** Gives another code where the registry refuses something with one. */
function refusing(
  name: string,
  breaks: ServerRequirementId,
  code: string,
  other: string,
  options: MutantOptions = {},
) {
  return tampered(
    name,
    breaks,
    () => ({
      toClient: changed('error', (frame) => (frame['code'] === code ? { ...frame, code: other } : true)),
    }),
    options,
  )
}

/** Faults of spec/calls.md, Who can be reached. */
const reachMutants: Mutants = [
  misrung('accepts an invite that rings nowhere', 'ring.unavailable', (inner) => ({
    invite: (invitation) => {
      const result = inner.invite(invitation)
      return result.kind === 'refused' && result.code === 'user-unavailable' ? done : result
    },
  })),
  refusing(
    'says peer-not-found for an invite that rings nowhere',
    'ring.unavailable',
    'user-unavailable',
    'peer-not-found',
  ),
  tampered('says who is there, but does not want to be called', 'ring.no-oracle', () => {
    const there = new Set<string>()
    const asked = new Map<string, string>()
    return {
      toServer: valid('invite', (frame) => {
        asked.set(textOf(frame, 'call'), textOf(frame['callee'] as Frame, 'peer'))
        return true
      }),
      toClient: (frame) => {
        if (frame['type'] === 'welcome') there.add(textOf(frame, 'peer'))
        if (frame['code'] !== 'user-unavailable' || !there.has(asked.get(textOf(frame, 'call')) ?? ''))
          return true
        return { ...frame, message: 'Cannot call: not wanted' }
      },
    }
  }),
  misrung('looks for who is there before it refuses an invite', 'ring.no-timing', (inner) => ({
    invite: async (invitation) => {
      if (!invitation.permitted && inner.endpointsOf(invitation.callee).length > 0)
        await new Promise((resolve) => setTimeout(resolve, 60))
      return inner.invite(invitation)
    },
  })),
]

/** Ends calls as the registry does, and forgets them at once. */
function forgetful(inner: SyncCalls) {
  let count = 0
  const names = new Map<string, string>()
  const renamed = renaming(
    inner,
    (call) => names.get(call) ?? call,
    (name) => name.slice(0, 32),
  )
  return {
    ...renamed,
    invite: (invitation: Parameters<SyncCalls['invite']>[0]) => {
      const first = renamed.invite?.(invitation) as CallResult
      if (first.kind !== 'refused' || first.code !== 'call-ended') return first
      count += 1
      names.set(invitation.id, `${invitation.id} ${String(count)}`)
      return renamed.invite?.(invitation) as CallResult
    },
  }
}

/** Faults of spec/calls.md, Call ids. */
const callIdMutants: Mutants = [
  refusing('says call-ended for the id of a call that goes on', 'ring.exists', 'call-exists', 'call-ended'),
  misrung('lets the id of a call that goes on be used again', 'ring.exists', (inner) => ({
    invite: (invitation) => {
      const result = inner.invite(invitation)
      return result.kind === 'refused' && result.code === 'call-exists' ? done : result
    },
  })),
  misrung('lets the id of a call that is over be used again', 'ring.reused', forgetful),
  tampered('says call-state to who has no part in a call', 'ring.not-found', () => {
    const known = new Set<string>()
    return {
      toServer: valid('invite', (frame) => {
        known.add(textOf(frame, 'call'))
        return true
      }),
      toClient: changed('error', (frame) =>
        frame['code'] === 'call-not-found' && known.has(textOf(frame, 'call'))
          ? { ...frame, code: 'call-state' }
          : true,
      ),
    }
  }),
  tampered(
    'says call-not-found for a call that is over',
    'ring.ended',
    () => ({
      toClient: changed('error', (frame) =>
        frame['code'] === 'call-ended' && frame['of'] !== 'invite'
          ? { ...frame, code: 'call-not-found' }
          : true,
      ),
    }),
    {
      consequences: {
        'ring.crossed': 'an accept that comes too late finds a call that is over',
        'ring.accept': 'an accept that comes too late finds a call that is over',
        'ring.busy': 'an accept that comes too late finds a call that is over',
        'ring.decline': 'an accept that comes too late finds a call that is over',
        'ring.caller-lost': 'an accept that comes too late finds a call that is over',
        'ring.timeout': 'an accept that comes too late finds a call that is over',
        'talk.hangup': 'what comes too late finds a call that is over',
        'talk.lost': 'what comes too late finds a call that is over',
      },
    },
  ),
  misrung(
    'takes ringing of the caller',
    'ring.state',
    acting('ringing', (inner, call, event) => {
      const result = inner.act(call, event)
      return result.kind === 'refused' && result.code === 'call-state' ? done : result
    }),
  ),
  misrung(
    'takes a cancel when an endpoint has accepted',
    'ring.state',
    acting('cancel', (inner, call, event) => {
      const result = inner.act(call, event)
      return result.kind === 'refused' && result.code === 'call-state' ? done : result
    }),
    { consequences: { 'ring.crossed': 'a cancel that comes too late is taken' } },
  ),
  misrung('carries an offer while it rings', 'ring.state', (inner) => ({
    reach: (...args) => {
      const reach = inner.reach(...args)
      return reach === 'call-state' ? 'reachable' : reach
    },
  })),
  tampered('lets a peer have one call fewer than it says', 'ring.calls-per-peer', () => ({
    toClient: saying(9),
  })),
  tampered(
    'lets a peer have one call more than it says',
    'ring.calls-per-peer',
    () => ({ toClient: saying(7) }),
    { consequences: { 'ring.unavailable': 'who has as many calls as it may is rung all the same' } },
  ),
]

/** Says another number of calls in `welcome`. */
function saying(callsPerPeer: number) {
  return changed('welcome', (frame) => {
    const capabilities = frame['capabilities'] as Frame
    if (!('calls' in capabilities)) return true
    const calls = { ...(capabilities['calls'] as Frame), callsPerPeer }
    return { ...frame, capabilities: { ...capabilities, calls } }
  })
}

/** How much later than what follows it the last message of a call comes, in milliseconds. */
const lateMs = 200

const isInCall = (frame: Frame) => isRelayed(frame) && !('room' in frame)

/** How long a slow message of a call takes: more than the kit waits when it hunts, in milliseconds. */
const slowMs = 1800

/** Tells candidates that are the first message of their call at its receiver. */
function opening(): (frame: Frame) => boolean {
  const calls = new Set<string>()
  return (frame) => {
    if (!isInCall(frame) || !('from' in frame) || calls.has(textOf(frame, 'call'))) return false
    calls.add(textOf(frame, 'call'))
    return frame['type'] === 'candidate'
  }
}

/** Changes or loses what is carried in calls, on its way to the receiver. */
function carrying(change: (frame: Frame, passage: Passage) => Frame | boolean): () => MiddlemanRules {
  return () => ({ toClient: (frame, passage) => (isInCall(frame) ? change(frame, passage) : true) })
}

/** Ends the part of a peer in its calls, as if its connection had ended, and says nothing of it. */
function forgotten(type: 'leave' | 'auth') {
  const handle = defaultHandlers[type] as (typeof defaultHandlers)['leave']
  const handler: typeof handle = async (message, client, services, frame) => {
    if (client.peer !== '' && (type === 'leave' || client.user !== undefined))
      await services.calls.detach(client.peer)
    await handle(message, client, services, frame)
    if (client.inForce.has('calls'))
      await services.calls.attach({
        peer: client.peer,
        ...(client.user === undefined ? {} : { user: client.user }),
      })
  }
  return () => startReferenceServer({}, { handlers: { ...defaultHandlers, [type]: handler } })
}

/** Faults of spec/calls.md, Talking. */
const talkingMutants: Mutants = [
  tampered(
    'loses answers in a call',
    'talk.delivered',
    carrying((frame) => frame['type'] !== 'answer'),
    {
      consequences: { 'talk.as-in-a-room': 'what is lost does not arrive' },
    },
  ),
  tampered('refuses an end of candidates in a call', 'talk.delivered', () => ({
    toServer: changed('candidate', (frame, passage) => {
      if (!isInCall(frame) || (frame['candidate'] as Frame | undefined)?.['candidate'] !== '') return true
      passage.toClient(refusal(frame, 'bad-message'))
      return false
    }),
  })),
  tampered(
    'takes members that it does not know away in a call',
    'talk.as-in-a-room',
    carrying((frame) => without(frame, ...Object.keys(frame).filter((name) => name.includes('.')))),
  ),
  tampered(
    'names the receiver as the sender in a call',
    'talk.as-in-a-room',
    carrying((frame) => ({ ...frame, from: frame['to'] })),
    { consequences: { 'talk.delivered': 'every message has another sender' } },
  ),
  tampered(
    'trims descriptions in a call',
    'talk.as-in-a-room',
    carrying((frame) => (typeof frame['sdp'] === 'string' ? { ...frame, sdp: frame['sdp'].trim() } : true)),
    { consequences: { 'talk.delivered': 'every description is changed' } },
  ),
  tampered('refuses a second offer with a lower number in a call', 'talk.as-in-a-room', () => {
    const highest = new Map<string, number>()
    return {
      toServer: changed('offer', (frame, passage) => {
        if (!isInCall(frame) || !checkClientMessageInCalls(frame).ok) return true
        const number = Number(frame['negotiation'])
        if (number < (highest.get(textOf(frame, 'call')) ?? 0)) {
          passage.toClient(refusal(frame, 'call-state'))
          return false
        }
        highest.set(textOf(frame, 'call'), number)
        return true
      }),
    }
  }),
  tampered('swaps a candidate with the offer behind it in a call', 'talk.as-in-a-room', () => ({
    toClient: holding(
      (frame) => isInCall(frame) && frame['type'] === 'candidate',
      (_held, next) => (isInCall(next) && next['type'] === 'offer' ? 'swap' : 'keep'),
    ),
  })),
  tampered('delivers every ninth message of a call twice', 'talk.as-in-a-room', () => {
    let count = 0
    return {
      toClient: (frame) => {
        if (!isInCall(frame)) return true
        count += 1
        return count % 9 === 0 ? [frame, frame] : true
      },
    }
  }),
  tampered(
    'keeps a candidate that opens a call back until the next message comes',
    'talk.as-in-a-room',
    () => {
      const opens = opening()
      return {
        toClient: (frame, passage, text) => {
          const held = passage.notes.get('kept') as string | undefined
          passage.notes.delete('kept')
          if (!opens(frame)) return held === undefined ? true : [held, text]
          passage.notes.set('kept', text)
          return held === undefined ? false : [held]
        },
      }
    },
    { only: 'talk.as-in-a-room:in-time' },
  ),
  tampered(
    'takes seconds for a candidate that opens a call',
    'talk.as-in-a-room',
    () => {
      const opens = opening()
      return {
        toClient: async (frame) => {
          if (opens(frame)) await new Promise((resolve) => setTimeout(resolve, slowMs))
          return true
        },
      }
    },
    { only: 'talk.as-in-a-room:in-time' },
  ),
  misrung('delivers a message of a call to any peer', 'talk.peer-not-found', (inner) => ({
    reach: (...args) => {
      const reach = inner.reach(...args)
      return reach === 'peer-not-found' ? 'reachable' : reach
    },
  })),
  misrung(
    'lets a call go on after a hangup',
    'talk.hangup',
    acting('hangup', () => done),
    {
      consequences: {
        'ring.ended': 'a hangup ends no call',
        'ring.last': 'a hangup ends no call',
        'ring.reused': 'a hangup ends no call',
        'ring.calls-per-peer': 'a hangup ends no call',
        'ring.accept': 'a hangup ends no call',
      },
    },
  ),
  misrung('says nothing when a party of a call is lost', 'talk.lost', (inner) => ({
    detach: (peer) => inner.detach(peer).filter(({ type }) => type !== 'call-ended'),
  })),
  tampered(
    'says call-ended before the last message of who is lost',
    'talk.lost',
    carrying((frame, passage) => {
      const { candidate } = (frame['candidate'] ?? {}) as Frame
      if (typeof candidate !== 'string' || !candidate.startsWith('candidate:40 ')) return true
      setTimeout(() => {
        passage.toClient(frame)
      }, lateMs)
      return false
    }),
    { consequences: { 'talk.as-in-a-room': 'what comes late is out of order' } },
  ),
  altered('ends the calls of who leaves a room', 'talk.apart-from-rooms', forgotten('leave')),
  tampered('takes a hangup in a room for one of a call with its id', 'talk.apart-from-rooms', () => {
    const known = new Set<string>()
    return {
      toServer: (frame) => {
        if (frame['type'] === 'invite') known.add(textOf(frame, 'call'))
        return frame['type'] === 'hangup' &&
          'room' in frame &&
          isValid(frame) &&
          known.has(textOf(frame, 'call'))
          ? without(frame, 'room')
          : true
      },
    }
  }),
  altered('ends the calls of who authenticates again', 'talk.refresh', forgotten('auth')),
]

/** Servers that take a malformed message of a call, and lose it: one for each form. */
const shapeMutants: Mutants = callForms.map(({ type, name }) =>
  tampered(
    `takes a malformed ${type} of a call`,
    'frames.bad-shape',
    () => ({
      toServer: changed(type, (frame, passage) => {
        if (!isInCall(frame) || !('call' in frame) || checkClientMessageInCalls(frame).ok) return true
        passage.toClient({ type: 'ok', ref: textOf(frame, 'id') || 'x' })
        return false
      }),
    }),
    { only: `frames.bad-shape:${name}` },
  ),
)

/** Faults of spec/calls.md, from Who can be reached on. */
export const talkingCallMutants: Mutants = [
  ...reachMutants,
  ...callIdMutants,
  ...talkingMutants,
  ...shapeMutants,
]
