import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changeData, emptyRoom, enterRoom, leaveRoom, type Notice, type Room } from './room.ts'

const places = 4
const peers = ['p0', 'p1', 'p2', 'p3', 'p4', 'p5']

const step = fc.oneof(
  fc.record({
    act: fc.constant('join' as const),
    peer: fc.constantFrom(...peers),
    data: fc.option(fc.constantFrom('1', '2')),
  }),
  fc.record({
    act: fc.constant('update' as const),
    peer: fc.constantFrom(...peers),
    data: fc.constantFrom('1', '2'),
  }),
  fc.record({ act: fc.constant('leave' as const), peer: fc.constantFrom(...peers), data: fc.constant(null) }),
)

/** What a member believes, from nothing but what it was told. */
interface View {
  revision: number
  readonly others: Map<string, string | undefined>
}

describe('a room', () => {
  test('tells each member all changes of the others once and in order, on every walk', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let room: Room = emptyRoom
        const views = new Map<string, View>()
        const tell = (notices: readonly Notice[], about: string, change: (view: View) => void) => {
          expect(notices.map(({ peer }) => peer)).not.toContain(about)
          expect(new Set(notices.map(({ peer }) => peer)).size).toBe(notices.length)
          for (const { peer, revision } of notices) {
            const view = views.get(peer)
            if (view === undefined) throw new Error(`${peer} is told, but is no member`)
            expect(revision).toBe(view.revision + 1)
            view.revision = revision
            change(view)
          }
        }
        for (const { act, peer, data } of steps) {
          const wasThere = views.has(peer)
          if (act === 'join') {
            const entry = enterRoom(room, data === null ? { peer } : { peer, data }, places)
            expect(entry.kind === 'full').toBe(!wasThere && views.size === places)
            if (entry.kind === 'full') continue
            expect(entry.kind).toBe(wasThere ? 'returned' : 'entered')
            room = entry.room
            const others = new Map(entry.members.map((member) => [member.peer, member.data]))
            expect(others.has(peer)).toBe(false)
            if (wasThere) expect(others).toEqual(views.get(peer)?.others)
            views.set(peer, { revision: entry.revision, others })
            tell(entry.notices, peer, (view) => {
              expect(view.others.has(peer)).toBe(wasThere)
              view.others.set(peer, entry.self.data)
            })
          } else if (act === 'update') {
            const change = changeData(room, peer, data)
            expect(change !== undefined).toBe(wasThere)
            if (change === undefined) continue
            room = change.room
            tell(change.notices, peer, (view) => view.others.set(peer, change.self.data))
          } else {
            const change = leaveRoom(room, peer)
            expect(change !== undefined).toBe(wasThere)
            if (change === undefined) continue
            room = change.room
            views.delete(peer)
            tell(change.notices, peer, (view) => view.others.delete(peer))
          }
          expect(new Set(room.keys())).toEqual(new Set(views.keys()))
          expect(room.size).toBeLessThanOrEqual(places)
          for (const [member, view] of views) {
            const truth = [...room]
              .filter(([other]) => other !== member)
              .map(([other, seat]) => [other, seat.member.data])
            expect(view.others).toEqual(new Map(truth as [string, string | undefined][]))
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})
