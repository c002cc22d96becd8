import type { PeerId, UserId } from '@parley/schemas'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MemoryPresenceRegistry } from './memory-registry.ts'
import type { Sighting } from './registry.ts'

/** Two users with two devices each, one with one, and a peer that nobody has authenticated. */
const peers = ['a1', 'a2', 'b1', 'b2', 'c1', 'x']
const userOf = (peer: PeerId) => (peer === 'x' ? undefined : peer.charAt(0))
const users = ['a', 'b', 'c', 'nobody']
const watches = 3

const peer = fc.constantFrom(...peers)
const some = fc.array(fc.constantFrom(...users), { minLength: 1, maxLength: 4 })
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('come'), by: peer }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('go'), by: peer }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('watch'), by: peer, users: some }) },
  fc.record({ do: fc.constant('unwatch'), by: peer, users: some }),
)

/** Who sees whom: everybody but c, and nobody sees c but itself. */
const sees = (by: PeerId, user: UserId) => user === userOf(by) || (by !== 'c1' && user !== 'c')

/** What a watcher knows of one user: what it was told last, and its revision. */
interface Known {
  readonly online: boolean
  readonly revision: number
}

/** What the specification says of watches, kept apart from how the registry does it. */
class Model {
  readonly connected = new Set<PeerId>()
  readonly known = new Map<PeerId, Map<UserId, Known>>()

  isOnline(user: UserId): boolean {
    return [...this.connected].some((one) => userOf(one) === user)
  }

  watchesOf(by: PeerId): Map<UserId, Known> {
    const known = this.known.get(by) ?? new Map<UserId, Known>()
    this.known.set(by, known)
    return known
  }

  /** Takes what the registry says; `asked` are those whose presence may be as it was. */
  told(sightings: readonly Sighting[], asked: { by: PeerId; users: ReadonlySet<UserId> } | undefined): void {
    const answered = new Set<UserId>()
    for (const { to, user, online, revision } of sightings) {
      expect(this.connected.has(to), 'nothing is for who has gone').toBe(true)
      const isAnswer = asked?.by === to && asked.users.has(user) && !answered.has(user)
      const before = this.watchesOf(to).get(user)
      if (isAnswer) answered.add(user)
      else expect(before, `${to} watches ${user}`).toBeDefined()
      expect(revision).toBe((before?.revision ?? 0) + 1)
      if (!isAnswer) expect(online).toBe(!before?.online)
      this.watchesOf(to).set(user, { online, revision })
    }
    expect(answered).toEqual(asked?.users ?? new Set())
  }

  /** Whoever watches knows how things stand: no change was lost. */
  agrees(): void {
    for (const [by, known] of this.known)
      for (const [user, { online }] of known) expect(online).toBe(sees(by, user) && this.isOnline(user))
  }
}

test('however users come and go: each watch tells each change once, in order, and nothing stays', () => {
  let [changes, refusals] = [0, 0]
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 80 }), (steps) => {
      const registry = new MemoryPresenceRegistry({ watches })
      const model = new Model()
      for (const each of steps) {
        const { by } = each
        if (each.do === 'come') {
          model.connected.add(by)
          const sightings = registry.attach(by, userOf(by))
          changes += sightings.length
          model.told(sightings, undefined)
        } else if (each.do === 'go') {
          model.connected.delete(by)
          model.known.delete(by)
          const sightings = registry.detach(by)
          changes += sightings.length
          model.told(sightings, undefined)
        } else if (model.connected.has(by) && 'users' in each) {
          const asked = new Set(each.users)
          const known = model.watchesOf(by)
          if (each.do === 'unwatch') {
            registry.unwatch(by, each.users)
            for (const user of asked) known.delete(user)
            continue
          }
          const result = registry.watch(
            by,
            each.users.map((user) => ({ user, seen: sees(by, user) })),
          )
          const isTooMany = new Set([...known.keys(), ...asked]).size > watches
          expect(result.kind).toBe(isTooMany ? 'too-many' : 'watching')
          if (result.kind === 'watching') model.told(result.sightings, { by, users: asked })
          else refusals += 1
        }
        model.agrees()
        // Bounded: each watch is kept once for its peer and once for its user, each peer once, each user that is online twice.
        const kept = [...model.known.values()].reduce((sum, { size }) => sum + size, 0)
        const online = users.filter((user) => model.isOnline(user)).length
        expect(registry.size).toBe(2 * kept + model.connected.size + 2 * online)
      }
      for (const one of peers) registry.detach(one)
      expect(registry.size).toBe(0)
    }),
    { numRuns: 300 },
  )
  // The walks have to come by what they are made for.
  expect(Math.min(changes, refusals)).toBeGreaterThan(100)
})

test('a peer keeps as many watches as its limit, however often it asks', () => {
  const registry = new MemoryPresenceRegistry({ watches: 10 })
  registry.attach('p', undefined)
  for (let round = 0; round < 1000; round += 1) {
    const user = `user-${String(round)}`
    registry.watch('p', [{ user, seen: false }])
    if (round % 2 === 0) registry.unwatch('p', [user])
  }
  expect(registry.size).toBe(1 + 2 * 10)
  // A message that comes after the end leaves nothing.
  registry.detach('p')
  registry.watch('p', [{ user: 'late', seen: false }])
  expect(registry.size).toBe(0)
})
