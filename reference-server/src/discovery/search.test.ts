import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MemoryDirectory } from '../memory-directory.ts'
import type { Client } from '../client.ts'
import type { Services } from '../services.ts'
import { visibleRooms } from './finding.ts'

/** A directory of few names, so that pages meet what comes and goes. */
const names = ['a', 'a/1', 'a/2', 'a/2/x', 'a/3', 'b', 'b/1', 'B/1', 'c', '~']
const change = fc.record({
  room: fc.constantFrom(...names),
  peer: fc.constantFrom('p', 'q'),
  joins: fc.constantFrom(true, true, false),
})
const grants = fc.option(
  fc.array(
    fc.oneof(
      fc.record({ room: fc.constantFrom(...names), join: fc.boolean(), send: fc.boolean() }),
      fc.record({
        prefix: fc.constantFrom('', 'a', 'a/2', 'b/', 'zz'),
        join: fc.boolean(),
        send: fc.boolean(),
      }),
    ),
    { minLength: 1, maxLength: 4 },
  ),
  { nil: undefined, freq: 2 },
)

/** What a client may see, said otherwise than the search says it. */
function mayJoin(given: Client['grants'], room: string): boolean {
  return (
    given === undefined ||
    given.some(
      (grant) =>
        grant.join && (grant.prefix === undefined ? grant.room === room : room.startsWith(grant.prefix)),
    )
  )
}

describe.each(['own', 'joinable'] as const)('a search of rooms, where clients find %s rooms', (findRooms) => {
  test('is in order, has what was there all along, and nothing that was never there or may not be seen', () => {
    let [stayed, several] = [0, 0]
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 12, maxLength: 30 }),
        fc.array(fc.array(change, { maxLength: 6 }), { minLength: 3, maxLength: 8 }),
        fc.constantFrom('', '', 'a', 'a/', 'b', 'q'),
        fc.integer({ min: 1, max: 3 }),
        grants,
        (before, between, prefix, limit, given) => {
          const directory = new MemoryDirectory({ membersPerRoom: 9, roomsPerPeer: 99 })
          for (const peer of ['p', 'q']) directory.connect(peer, `${peer}-secret`)
          const apply = ({ room, peer, joins }: { room: string; peer: string; joins: boolean }) =>
            joins ? directory.join(room, { peer }) : directory.leave(room, peer)
          before.forEach(apply)
          const client = { peer: 'p', grants: given } as Client
          const services = { directory, options: { findRooms } } as unknown as Services
          const seen = () =>
            new Set(
              names.filter((room) => {
                const there =
                  directory.others(room, 'p') ??
                  (findRooms === 'joinable' ? directory.others(room, 'q') : undefined)
                return there !== undefined && room.startsWith(prefix) && mayJoin(given, room)
              }),
            )
          let always = seen()
          const ever = new Set(always)
          const found: string[] = []
          let after: string | undefined
          for (let page = 0; ; page += 1) {
            // Each page goes on above the one before.
            expect(page).toBeLessThan(names.length)
            const items = visibleRooms(client, { prefix, after, most: limit + 1 }, services)
            if (items instanceof Promise) throw new Error('the directory in memory answers at once')
            expect(items.length).toBeLessThanOrEqual(limit + 1)
            for (const { room, members } of items) {
              expect(seen().has(room)).toBe(true)
              const count = ['p', 'q'].filter((peer) => directory.others(room, peer) !== undefined).length
              expect(members).toBe(count)
            }
            found.push(...items.slice(0, limit).map(({ room }) => room))
            if (items.length <= limit) break
            after = found.at(-1)
            several += 1
            for (const one of between[page] ?? []) {
              apply(one)
              const now = seen()
              always = new Set([...always].filter((room) => now.has(room)))
              for (const room of now) ever.add(room)
            }
          }
          expect(found).toEqual([...new Set(found)].sort())
          expect(found.filter((room) => !ever.has(room))).toEqual([])
          expect([...always].filter((room) => !found.includes(room))).toEqual([])
          stayed += always.size
        },
      ),
      { numRuns: 500 },
    )
    // The searches have to come by what they are made for.
    expect(Math.min(stayed, several)).toBeGreaterThan(30)
  })
})
