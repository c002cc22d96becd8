import { checkClientMessageInCalls } from '@parley/schemas'
import type { Invitation, PartyEvent, Telling } from '@parley/reference-server'
import { misrung, type SyncCalls } from '../altered-calls.ts'
import type { Passage, Rule } from '../middleman.ts'
import { tampered, type Mutant, type Mutants } from '../mutant.ts'
import { counted, refusal, textOf, valid } from '../rule.ts'

/** Says that a message was accepted, in the place of the server, which does not get it. */
function takes(id: unknown, passage: Passage): false {
  if (typeof id === 'string') passage.toClient({ type: 'ok', ref: id })
  return false
}

/** Notes whether a connection has to authenticate, and how often it has left each room. */
const noting: Rule = (frame, passage) => {
  const type = textOf(frame, 'type')
  if (type === 'welcome') passage.notes.set('due', (frame['auth'] as readonly unknown[]).length > 0)
  if (type === 'authenticated') passage.notes.set('due', false)
  if (type === 'left') counted(passage, `left ${textOf(frame, 'room')}`)
  if (type === 'left' || type === 'joined')
    passage.notes.set(`in ${textOf(frame, 'room')}`, type === 'joined')
  return true
}

/** Refuses to go on with a session that has been resumed before and has had a gap since. */
function forgetsAfterGap(): { toServer: Rule; toClient: Rule } {
  const resumed = new Set<unknown>()
  const gapped = new Set<unknown>()
  return {
    toClient: (frame, { notes }) => {
      if (frame['type'] === 'resumed') {
        resumed.add(notes.get('asked'))
        notes.set('session', notes.get('asked'))
      }
      const session = notes.get('session')
      if (frame['code'] === 'seq-gap' && resumed.has(session)) gapped.add(session)
      return true
    },
    toServer: valid('resume', (frame, passage) => {
      const { session } = frame
      passage.notes.set('asked', session)
      if (!gapped.has(session)) return true
      passage.toClient(refusal(frame, 'resume-failed'))
      return false
    }),
  }
}

/** Notes the calls in which something was refused that a party, or somebody else, has said of them. */
function noticing(inner: SyncCalls) {
  const refused = new Set<string>()
  const note = <T extends { readonly kind: string }>(call: string, result: T): T => {
    if (result.kind === 'refused') refused.add(call)
    return result
  }
  return {
    refused,
    act: (call: string, event: PartyEvent) => note(call, inner.act(call, event)),
    invite: (invitation: Invitation) => note(invitation.id, inner.invite(invitation)),
    reach: (call: string, sender: string, receiver: string) => {
      const reached = inner.reach(call, sender, receiver)
      if (reached !== 'reachable') refused.add(call)
      return reached
    },
  }
}

/** Tells some of the calls of a lost party nothing of the loss. */
function silentLoss(name: string, type: Telling['type']): Mutant {
  return misrung(name, 'ring.states', (inner) => {
    const { refused, ...calls } = noticing(inner)
    const isTold = (told: Telling) => !refused.has(told.call) || told.type !== type
    return { ...calls, detach: (peer) => inner.detach(peer).filter(isTold) }
  })
}

/** Faults of what becomes of a call in an order that no other check plays: of a loss, the time, a call that crosses, a second device. */
const callMutants: Mutants = [
  silentLoss('says nothing of a lost caller where something was refused before', 'cancel'),
  silentLoss('says nothing of a last endpoint that is lost where something was refused before', 'reject'),
  silentLoss('says nothing of a lost party that talks where something was refused before', 'call-ended'),
  misrung('never ends by time a call in which something was refused before', 'ring.states', (inner) => {
    const { refused, ...calls } = noticing(inner)
    return { ...calls, sweep: () => inner.sweep().filter(({ call }) => !refused.has(call)) }
  }),
  misrung('lets no call cross one in which something was refused before', 'ring.states', (inner) => {
    const { refused, ...calls } = noticing(inner)
    const labels = new Map<string, string>()
    return {
      ...calls,
      invite: (invitation) => {
        const { id, label } = invitation
        const crosses = [...refused].some((call) => label !== undefined && labels.get(call) === label)
        if (label !== undefined) labels.set(id, label)
        return calls.invite(crosses && !refused.has(id) ? { ...invitation, label: 'other' } : invitation)
      },
    }
  }),
  misrung(
    'ends a call everywhere where a device is busy after something was refused',
    'ring.states',
    (inner) => {
      const { refused, act, ...calls } = noticing(inner)
      return {
        ...calls,
        act: (call, event) => {
          const ends = event.kind === 'reject' && event.reason === 'busy' && refused.has(call)
          return act(call, ends ? { ...event, reason: 'com.example.busy' } : event)
        },
      }
    },
  ),
  misrung('ends a call everywhere where one is lost after something was refused', 'ring.states', (inner) => {
    const { refused, act, ...calls } = noticing(inner)
    return {
      ...calls,
      act,
      detach: (peer) => [
        ...[...refused].flatMap((call) => {
          const result = inner.act(call, { kind: 'reject', by: peer, reason: 'com.example.lost' })
          return result.kind === 'done' ? result.tellings : []
        }),
        ...inner.detach(peer),
      ],
    }
  }),
  misrung('takes what a device says of a call that another one has taken', 'ring.states', (inner) => {
    const taken = new Set<string>()
    return {
      act: (call, event) => {
        const result = inner.act(call, event)
        if (event.kind === 'accept' && result.kind === 'done') taken.add(call)
        if (event.kind === 'hangup' && result.kind === 'done') taken.delete(call)
        const isOut = result.kind === 'refused' && result.code === 'call-ended' && taken.has(call)
        const isSaid = event.kind === 'ringing' || event.kind === 'reject'
        return isOut && isSaid ? { kind: 'done', tellings: [] } : result
      },
    }
  }),
]

/** Faults of what has been said before, which decides what may be said now. */
export const stateMutants: Mutants = [
  ...callMutants,
  tampered('asks for authentication when hello comes a second time', 'connection.states', () => ({
    toClient: noting,
    toServer: valid('hello', (frame, passage) => {
      if (passage.notes.get('due') !== true) return true
      passage.toClient(refusal(frame, 'unauthenticated'))
      return false
    }),
  })),
  tampered('takes an update of who has left the room twice, and tells nobody', 'rooms.states', () => ({
    toClient: noting,
    toServer: valid('update', (frame, passage) => {
      const room = textOf(frame, 'room')
      const isOut =
        Number(passage.notes.get(`left ${room}`) ?? 0) >= 2 && passage.notes.get(`in ${room}`) === false
      return isOut ? takes(frame['id'], passage) : true
    }),
  })),
  tampered('takes a second busy of who has taken the call', 'ring.states', () => ({
    toServer: (frame, passage) => {
      if (!checkClientMessageInCalls(frame).ok) return true
      const taken = `taken ${textOf(frame, 'call')}`
      if (frame['type'] === 'accept') passage.notes.set(taken, true)
      const isBusy = frame['type'] === 'reject' && frame['reason'] === 'busy'
      return isBusy && passage.notes.get(taken) === true ? takes(frame['id'], passage) : true
    },
  })),
  tampered('resumes no session that had a gap after it was resumed', 'resume.states', forgetsAfterGap),
]
