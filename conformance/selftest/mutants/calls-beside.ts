import type { PartyEvent } from '@parley/reference-server'
import { misrung, retold, type CallOverrides } from '../altered-calls.ts'
import type { ServerRequirementId } from '@parley/conformance'
import type { MutantOptions, Mutants } from '../mutant.ts'

/** Who is in a call that was begun. */
interface Begun {
  readonly call: string
  readonly caller: string
  readonly endpoints: readonly string[]
}

/**
 * Lets what becomes of one call befall others.
 *
 * @param befalls - What happens to another call when this event has been taken for one; `undefined` where nothing does.
 */
function spreading(
  befalls: (event: PartyEvent, one: Begun, other: Begun) => PartyEvent | undefined,
): CallOverrides {
  return (inner) => {
    const begun = new Map<string, Begun>()
    return {
      invite: (invitation) =>
        retold(inner.invite(invitation), (tellings) => {
          const endpoints = tellings.filter(({ type }) => type === 'invite').map(({ to }) => to)
          begun.set(invitation.id, { call: invitation.id, caller: invitation.caller.peer, endpoints })
          return tellings
        }),
      act: (call, event) =>
        retold(inner.act(call, event), (tellings) => {
          const one = begun.get(call)
          if (!one) return tellings
          return [...begun.values()]
            .filter((other) => other !== one)
            .flatMap((other) => {
              const also = befalls(event, one, other)
              const result = also && inner.act(other.call, also)
              return result?.kind === 'done' ? result.tellings : []
            })
            .concat(tellings)
        }),
    }
  }
}

const ringsAt = ({ endpoints }: Begun, peer: string) => endpoints.includes(peer)

/** Consequences where checks let several calls of the same peers go on at once. */
function endsAlso(...requirements: readonly ServerRequirementId[]): Pick<MutantOptions, 'consequences'> {
  return {
    consequences: Object.fromEntries(
      requirements.map((requirement) => [requirement, 'another call of the same peers ends with one']),
    ),
  }
}

/** Faults in what one call is to others of the same peers. */
export const besideMutants: Mutants = [
  misrung(
    'lets an endpoint that accepts a call be busy for all others that ring there',
    'ring.states',
    spreading(({ kind, by }, _one, other) =>
      kind === 'accept' && ringsAt(other, by) ? { kind: 'reject', by, reason: 'busy' } : undefined,
    ),
    {
      says: /rings beside one that was accepted.*reject with reason busy/,
      ...endsAlso('ring.timeout', 'ring.glare', 'ring.calls-per-peer', 'resume.unseen'),
    },
  ),
  misrung(
    'takes the decline of one call for all of the same caller',
    'ring.states',
    spreading((event, { caller }, other) =>
      event.kind === 'reject' && event.reason === 'declined' && other.caller === caller ? event : undefined,
    ),
    { says: /rings beside one that its endpoint has declined/, ...endsAlso('ring.timeout') },
  ),
  misrung(
    'cancels all calls of a caller with one of them',
    'ring.states',
    spreading((event, { caller }, other) =>
      event.kind === 'cancel' && other.caller === caller ? event : undefined,
    ),
    {
      says: /rings beside one that its caller has cancelled/,
      ...endsAlso('ring.timeout', 'ring.endpoint-lost', 'ring.calls-per-peer'),
    },
  ),
  misrung(
    'ends the call that an endpoint is in when it accepts another one',
    'ring.states',
    spreading(({ kind, by }, _one, other) =>
      kind === 'accept' && ringsAt(other, by) ? { kind: 'hangup', by } : undefined,
    ),
    { ...endsAlso('resume.unseen') },
  ),
]
