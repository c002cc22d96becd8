import type { Callee, CallId, PeerId } from '@parley/schemas'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TestClock } from '../client.test.support.ts'
import type { PartyEvent, Telling } from './call.ts'
import { MemoryCallRegistry } from './memory-registry.ts'
import type { CallResult } from './registry.ts'

/** Three users with two devices each, and a peer that nobody has authenticated. */
const peers = ['a1', 'a2', 'b1', 'b2', 'c1', 'c2', 'x']
const userOf = (peer: PeerId) => (peer === 'x' ? undefined : peer.charAt(0))
/** Few ids, and labels, so that they cross and come again. */
const ids = Array.from({ length: 6 }, (_, index) => `call-${String(index)}`)

const peer = fc.constantFrom(...peers)
const id = fc.constantFrom(...ids)
const callee = fc.oneof(
  fc.constantFrom('a', 'b', 'c', 'nobody').map((user) => ({ user })),
  peer.map((one) => ({ peer: one })),
) as fc.Arbitrary<Callee>
const event = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('accept', 'ringing', 'hangup'), by: peer }) },
  fc.record({ kind: fc.constant('reject'), by: peer, reason: fc.constantFrom('busy', 'busy', 'declined') }),
  fc.record({ kind: fc.constant('cancel'), by: peer, reason: fc.constant('normal') }),
) as fc.Arbitrary<PartyEvent>
const label = fc.constantFrom(undefined, 'camera')
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('invite'), by: peer, id, callee, label }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('act'), id, event }) },
  fc.record({ do: fc.constant('leave'), by: peer }),
  fc.record({ do: fc.constant('come'), by: peer }),
  fc.record({ do: fc.constant('wait'), ms: fc.constantFrom(300, 4000, 11_000, 70_000) }),
)

/** What one party has been told, or has done itself, of one call. */
interface Part {
  readonly role: 'caller' | 'endpoint'
  alerts: number
  /** For the caller and the endpoint that has accepted. */
  talks: boolean
  over: boolean
}

/** What the specification says of calls, kept apart from how the registry does it. */
class Model {
  readonly connected = new Set<PeerId>()
  readonly parts = new Map<CallId, Map<PeerId, Part>>()

  begin(call: CallId, caller: PeerId): void {
    this.parts.set(call, new Map([[caller, { role: 'caller', alerts: 0, talks: false, over: false }]]))
  }

  part(call: CallId, of: PeerId): Part {
    const part = this.parts.get(call)?.get(of)
    expect(part, `${of} has a part in ${call}`).toBeDefined()
    return part as Part
  }

  told({ to, call, ...telling }: Telling): void {
    expect(this.connected.has(to), `${to} is connected when it is told ${telling.type}`).toBe(true)
    if (telling.type === 'invite') {
      const parts = this.parts.get(call)
      expect(parts?.has(to)).toBe(false) // ring.invited
      parts?.set(to, { role: 'endpoint', alerts: 0, talks: false, over: false })
      return
    }
    const part = this.part(call, to)
    expect(part.over, `${to} is told ${telling.type} of a call that is over for it`).toBe(false) // ring.last
    switch (telling.type) {
      case 'ringing':
        expect([part.role, part.talks, part.alerts]).toEqual(['caller', false, 0])
        part.alerts = 1
        return
      case 'accept':
        expect([part.role, part.talks]).toEqual(['caller', false])
        expect(this.part(call, telling.callee.peer).talks).toBe(true)
        part.talks = true
        return
      case 'reject':
      case 'cancel':
        expect([part.role, part.talks]).toEqual([telling.type === 'reject' ? 'caller' : 'endpoint', false])
        break
      case 'call-ended':
        expect(part.talks).toBe(true)
    }
    part.over = true
  }

  acted(call: CallId, { kind, by }: PartyEvent): void {
    const part = this.part(call, by)
    expect(part.over, `${by} may say ${kind}`).toBe(false)
    if (kind === 'accept') {
      // exactly one winner
      const winners = [...(this.parts.get(call)?.values() ?? [])].filter(
        ({ role, talks }) => role === 'endpoint' && talks,
      )
      expect(winners).toEqual([])
      part.talks = true
    }
    if (kind === 'reject' || kind === 'cancel' || kind === 'hangup') part.over = true
    // The message itself tells the other party.
    if (kind === 'hangup')
      for (const other of this.parts.get(call)?.values() ?? []) if (other.talks) other.over = true
  }

  gone(one: PeerId): void {
    this.connected.delete(one)
    for (const parts of this.parts.values()) {
      const part = parts.get(one)
      if (part) part.over = true
    }
  }

  /** Callers who wait for nobody any more. */
  forsaken(): string[] {
    return [...this.parts].flatMap(([call, parts]) => {
      const open = [...parts].filter(([, { over }]) => !over)
      return open.length === 1 && open[0]?.[1].talks === false ? [`${call} ${open[0][0]}`] : []
    })
  }

  /** Parties for whom a call goes on. */
  open(): string[] {
    return [...this.parts].flatMap(([call, parts]) =>
      [...parts]
        .filter(([, { over }]) => !over)
        .map(([one, { talks }]) => `${call} ${one} ${talks ? 'talks' : 'rings'}`),
    )
  }
}

test('however calls are made and answered: one winner, everybody told once, nobody rings for ever, nothing stays', () => {
  let crossed = 0
  let won = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 80 }), (steps) => {
      const clock = new TestClock()
      const registry = new MemoryCallRegistry({ ringSeconds: 10, callsPerPeer: 3 }, clock)
      const model = new Model()
      const tell = (tellings: readonly Telling[]) => {
        for (const telling of tellings) {
          model.told(telling)
          if ('reason' in telling && telling.reason === 'glare') crossed += 1
          if (telling.type === 'accept') won += 1
        }
      }
      const come = (one: PeerId) => {
        model.connected.add(one)
        const user = userOf(one)
        registry.attach({ peer: one, ...(user === undefined ? {} : { user }) })
      }
      const leave = (one: PeerId) => {
        model.gone(one)
        tell(registry.detach(one))
      }
      const conclude = (result: CallResult, then: () => void) => {
        if (result.kind === 'refused') return
        then()
        tell(result.tellings)
      }
      peers.forEach(come)
      for (const each of steps) {
        expect(model.forsaken()).toEqual([])
        if (each.do === 'come') come(each.by)
        else if (each.do === 'leave') leave(each.by)
        else if (each.do === 'wait') {
          clock.advance(each.ms)
          tell(registry.sweep())
        } else if (each.do === 'act') {
          const { id: call, event: said } = each
          if (model.connected.has(said.by))
            conclude(registry.act(call, said), () => {
              model.acted(call, said)
            })
        } else if (model.connected.has(each.by)) {
          const { by, id: call } = each
          const user = userOf(by)
          const caller = { peer: by, ...(user === undefined ? {} : { user }) }
          const asked = { id: call, caller, callee: each.callee, label: each.label }
          const result = registry.invite({
            ...asked,
            data: undefined,
            ringSeconds: undefined,
            permitted: true,
          })
          conclude(result, () => {
            model.begin(call, by)
          })
        }
      }
      clock.advance(11_000)
      tell(registry.sweep())
      expect(model.open().filter((open) => open.endsWith('rings'))).toEqual([])
      // Both parties of a call that is talked in, or neither.
      expect(model.open().length % 2).toBe(0)
      for (const one of peers) leave(one)
      expect(model.open()).toEqual([])
      clock.advance(61_000)
      tell(registry.sweep())
      expect(registry.size).toBe(0)
    }),
    { numRuns: 500 },
  )
  // The walks have to come by what they are made for.
  expect(Math.min(crossed, won)).toBeGreaterThan(0)
})
