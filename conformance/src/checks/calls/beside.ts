import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { expecting } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import {
  callsPerPeer,
  cancel,
  expectSilence,
  hangUp,
  hearEnd,
  reject,
  ring,
  take,
  watchedStage,
} from './stage.ts'

/** What becomes of one of several calls that ring at the same endpoint. */
interface Fate {
  /** What the call was, in words. */
  readonly what: string
  readonly befalls: (caller: Endpoint, endpoint: Endpoint, call: string) => Promise<unknown>
  /** Whether the call goes on. */
  readonly lasts?: boolean
}

const fates: readonly Fate[] = [
  { what: 'was accepted', befalls: take, lasts: true },
  {
    what: 'its endpoint has declined',
    befalls: async (caller, endpoint, call) => {
      await reject(endpoint, call, 'declined')
      await hearEnd(caller, 'reject', call, 'declined', 'whose call was declined')
    },
  },
  {
    what: 'its endpoint was busy for',
    befalls: async (caller, endpoint, call) => {
      await reject(endpoint, call, 'busy')
      await hearEnd(caller, 'reject', call, 'busy', 'whose only endpoint was busy')
    },
  },
  {
    what: 'its caller has cancelled',
    befalls: async (caller, endpoint, call) => {
      await cancel(caller, call)
      await hearEnd(endpoint, 'cancel', call, 'normal', 'which rang')
    },
  },
]

/** ring.states: several calls ring at one endpoint, from one caller and from another one; what becomes of one is nothing to the others. */
async function leavesOthersAlone(t: CheckContext): Promise<void> {
  const { room, a, b, c } = await watchedStage(t)
  if (callsPerPeer(t, b) < 3) t.notObserved('A peer may have two calls at most, and this takes three')
  for (const { what, befalls, lasts } of fates) {
    const call = await ring(t, a, [b])
    const others = [
      { caller: a, call: await ring(t, a, [b], { label: 'beside' }) },
      { caller: c, call: await ring(t, c, [b]) },
    ]
    const since = b.log.length
    await befalls(a, b, call)
    for (const [from, to] of [
      [a, b],
      [b, a],
      [b, c],
    ] as const)
      await t.barrier(from, to, room)
    const when = `which rings beside one that ${what}`
    for (const other of others) {
      expectSilence(b, other.call, since, when)
      // Its caller has been told nothing at all yet.
      expectSilence(other.caller, other.call, 0, when)
    }
    for (const other of others)
      await expecting(`a call to be taken ${when}`, take(other.caller, b, other.call))
    if (lasts) await expecting('a call to last while others beside it are taken', hangUp(a, b, call))
    for (const other of others) await hangUp(b, other.caller, other.call)
  }
}

/** Checks of spec/calls.md, The life of a call: each call is one by itself. */
export const besideChecks: readonly Check[] = [
  check('ring.states', 'several calls that ring at one endpoint', leavesOthersAlone, {
    capability: 'calls',
    name: 'beside',
  }),
]
