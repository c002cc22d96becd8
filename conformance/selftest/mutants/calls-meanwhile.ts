import type { CallResult, PartyEvent, Telling } from '@parley/reference-server'
import { decorator, isOf, misrung, retold, type CallOverrides } from '../altered-calls.ts'
import type { Frame, MiddlemanRules } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { textOf } from '../rule.ts'
import { endOverdue, timers } from './calls-lasting.ts'
import { treating } from './session-afterwards.ts'

/** Calls that a peer of the self-test may have. */
const callsPerPeer = 8

/** Gives a place back to who has said something that was refused with `call-state`. */
function givingBackAfter(kind: PartyEvent['kind']): CallOverrides {
  return (inner) => {
    const given = new Set<string>()
    const done: CallResult = { kind: 'done', tellings: [] }
    return {
      invite: (invitation) => {
        const result = inner.invite(invitation)
        const isOneMore = result.kind === 'refused' && result.code === 'forbidden'
        return isOneMore && given.delete(invitation.caller.peer) ? done : result
      },
      act: (call, event) => {
        const result = inner.act(call, event)
        const isTooLate = result.kind === 'refused' && result.code === 'call-state'
        if (event.kind === kind && isTooLate) given.add(event.by)
        return result
      },
    }
  }
}

/** Begins the time of all calls of a caller anew when something has become of it. */
function restarting(changed: Set<string>): CallOverrides {
  return (inner) => {
    const { invite, running, over } = timers(inner, true)
    return {
      invite,
      sweep: () => {
        for (const timer of running.values())
          if (changed.has(timer.caller)) timer.endsAt = Date.now() + timer.ms
        changed.clear()
        return [...inner.sweep(), ...endOverdue(inner, over)]
      },
    }
  }
}

/** Says `replaced` of endpoints whose connection another one has replaced. */
function tellingOfReplaced(): MiddlemanRules {
  const peers = new Map<string, string>()
  const rung = new Map<string, string>()
  const replaced = new Set<string>()
  return {
    toServer: (frame) => {
      const peer = peers.get(textOf(frame, 'replaces'))
      if (frame['type'] === 'hello' && peer !== undefined) replaced.add(peer)
      return true
    },
    toClient: (frame: Frame, { peer }) => {
      if (frame['type'] === 'welcome') peers.set(textOf(frame, 'session'), textOf(frame, 'peer'))
      if (frame['type'] === 'invite') rung.set(textOf(frame, 'call'), peer)
      const isOfReplaced = replaced.has(rung.get(textOf(frame, 'call')) ?? '')
      return frame['type'] === 'reject' && frame['reason'] === 'lost' && isOfReplaced
        ? { ...frame, reason: 'replaced' }
        : true
    },
  }
}

/** Faults in what becomes of a call meanwhile: when a party says what is refused, authenticates again, comes back, is replaced, or calls itself. */
export const meanwhileCallMutants: Mutants = [
  misrung(
    'gives back the place of a call that was taken when it refuses its cancel',
    'ring.calls-per-peer',
    givingBackAfter('cancel'),
  ),
  misrung(
    'gives back the place of a call to its callee when it refuses a reject of it',
    'ring.calls-per-peer',
    givingBackAfter('reject'),
  ),
  tampered(
    'says replaced of an endpoint that another connection replaces',
    'ring.endpoint-lost',
    tellingOfReplaced,
  ),
  misrung(
    'takes a device out of a call that refreshes its authentication while others ring',
    'talk.refresh',
    (inner) => {
      const known = new Set<string>()
      const rung = new Map<string, Set<string>>()
      return {
        invite: (invitation) =>
          retold(inner.invite(invitation), (tellings) => {
            const invites = tellings.filter(isOf('invite'))
            if (invites.length > 1) rung.set(invitation.id, new Set(invites.map(({ to }) => to)))
            return tellings
          }),
        attach: (party) => {
          inner.attach(party)
          if (party.user === undefined) return
          const isAgain = known.has(party.peer)
          known.add(party.peer)
          if (!isAgain) return
          for (const [call, endpoints] of rung)
            if (endpoints.size > 1 && endpoints.delete(party.peer))
              inner.act(call, { kind: 'reject', by: party.peer, reason: 'busy' })
        },
      }
    },
  ),
  misrung(
    'begins the time of a call anew when its caller refreshes its authentication',
    'talk.refresh',
    (inner) => {
      const known = new Set<string>()
      const again = new Set<string>()
      return {
        ...restarting(again)(inner),
        attach: (party) => {
          inner.attach(party)
          if (party.user === undefined) return
          if (known.has(party.peer)) again.add(party.peer)
          known.add(party.peer)
        },
      }
    },
  ),
  treating('begins the time of a call anew when its caller resumes', 'ring.timeout', ({ resumed }) => ({
    decorateCalls: decorator(restarting(resumed)),
  })),
  misrung('counts only the calls of others where a peer is rung', 'ring.unavailable', (inner) => {
    const begun = new Map<string, string>()
    const ownOf = (peer: string) =>
      [...begun].filter(([call, caller]) => caller === peer && inner.reach(call, peer, peer) === 'call-state')
    return {
      invite: (invitation) => {
        const { id, caller, callee, label, data, permitted } = invitation
        const result = inner.invite(invitation)
        if (result.kind === 'done') begun.set(id, caller.peer)
        const to = callee.peer ?? ''
        const isUnavailable = result.kind === 'refused' && result.code === 'user-unavailable'
        if (!isUnavailable || !permitted || ownOf(to).length < callsPerPeer) return result
        return { kind: 'done', tellings: [{ to, call: id, type: 'invite', caller, label, data }] }
      },
    }
  }),
  misrung('takes the refused ringing of the caller for that of an endpoint', 'ring.ringing', (inner) => {
    const told = new Set<string>()
    return {
      act: (call, event) => {
        const result = inner.act(call, event)
        const isCalled = event.kind === 'ringing'
        if (isCalled && result.kind === 'refused' && result.code === 'call-state') told.add(call)
        return retold(result, (tellings) => (isCalled && told.has(call) ? [] : tellings))
      },
    }
  }),
  misrung('ends a call with the time of one that has given way to it', 'ring.timeout', (inner) => {
    const { invite, running, over } = timers(inner, true)
    return {
      invite: (invitation) =>
        retold(invite(invitation), (tellings) => {
          const winner = running.get(invitation.id)
          for (const { call } of tellings.filter(isOf('reject', 'glare'))) {
            const loser = running.get(call)
            if (winner && loser && call !== invitation.id) winner.endsAt = loser.endsAt
          }
          return tellings
        }),
      sweep: (): readonly Telling[] => [...inner.sweep(), ...endOverdue(inner, over)],
    }
  }),
]
