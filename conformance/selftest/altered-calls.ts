import type { CallRegistry, CallResult, PartyEvent, Telling } from '@parley/reference-server'
import type { ServerRequirementId } from '@parley/conformance'
import { altered, type Mutant, type MutantOptions } from './mutant.ts'
import { startReferenceServer } from './running-server.ts'

type Sync<F> = F extends (...args: infer A) => infer R ? (...args: A) => Exclude<R, Promise<unknown>> : never

/** The registry of calls in memory, which answers at once. */
export type SyncCalls = { readonly [M in keyof CallRegistry]: Sync<CallRegistry[M]> }

/** The calls of a registry that a mutant answers in its own way. */
export type CallOverrides = (inner: SyncCalls) => Partial<CallRegistry>

/** A fault in what becomes of calls: some calls of the reference server's registry are answered otherwise. */
export function misrung(
  name: string,
  breaks: ServerRequirementId,
  overrides: CallOverrides,
  options: MutantOptions = {},
): Mutant {
  const { server, seams, ...rest } = options
  const start = () => startReferenceServer(server, { ...seams?.(), decorateCalls: decorator(overrides) })
  return altered(name, breaks, start, rest)
}

/** Makes the seam that puts overrides before a registry of calls. */
export function decorator(overrides: CallOverrides): (inner: CallRegistry) => CallRegistry {
  return (inner) => callsOver(inner, overrides(inner as SyncCalls))
}

/** A registry of calls with some of them answered otherwise. */
export function callsOver(inner: CallRegistry, changed: Partial<CallRegistry>): CallRegistry {
  return {
    attach: (party) => inner.attach(party),
    detach: (peer) => inner.detach(peer),
    endpointsOf: (callee) => inner.endpointsOf(callee),
    invite: (invitation) => inner.invite(invitation),
    act: (call, event) => inner.act(call, event),
    reach: (...args) => inner.reach(...args),
    sweep: () => inner.sweep(),
    ...changed,
  }
}

/** Whether the server tells of a type, with a reason. */
export const isOf = (type: Telling['type'], reason?: string) => (told: Telling) =>
  told.type === type && (reason === undefined || ('reason' in told && told.reason === reason))

/** What the server tells of an event, changed; a refusal stays. */
export function retold(
  result: CallResult,
  change: (tellings: readonly Telling[]) => readonly Telling[],
): CallResult {
  return result.kind === 'done' ? { ...result, tellings: change(result.tellings) } : result
}

/** Changes what the server tells, whatever has happened. */
export function telling(
  change: (tellings: readonly Telling[]) => readonly Telling[],
): (inner: SyncCalls) => Partial<CallRegistry> {
  return (inner) => ({
    invite: (invitation) => retold(inner.invite(invitation), change),
    act: (call, event) => retold(inner.act(call, event), change),
    detach: (peer) => change(inner.detach(peer)),
    sweep: () => change(inner.sweep()),
  })
}

/** Answers events of one kind otherwise than the registry does. */
export function acting<K extends PartyEvent['kind']>(
  kind: K,
  act: (inner: SyncCalls, call: string, event: PartyEvent & { readonly kind: K }) => CallResult,
): CallOverrides {
  const isOfKind = (event: PartyEvent): event is PartyEvent & { readonly kind: K } => event.kind === kind
  return (inner) => ({
    act: (call, event) => (isOfKind(event) ? act(inner, call, event) : inner.act(call, event)),
  })
}

/** Another name for each call than the one that clients have. */
export function renaming(
  inner: SyncCalls,
  inside: (call: string) => string,
  outside: (call: string) => string,
) {
  const out = (tellings: readonly Telling[]) =>
    tellings.map((each): Telling => ({ ...each, call: outside(each.call) }))
  const renamed: Partial<CallRegistry> = {
    invite: (invitation) => retold(inner.invite({ ...invitation, id: inside(invitation.id) }), out),
    act: (call, event) => retold(inner.act(inside(call), event), out),
    reach: (call, ...peers) => inner.reach(inside(call), ...peers),
    detach: (peer) => out(inner.detach(peer)),
    sweep: () => out(inner.sweep()),
  }
  return renamed
}
