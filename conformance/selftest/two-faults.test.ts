import { causesOf, runConformance } from '@parley/conformance'
import { expect, test } from 'vitest'
import { startMiddleman, type MiddlemanRules } from './middleman.ts'
import { changed, refusal } from './rule.ts'
import { startReferenceServer } from './running-server.ts'

/** Requirements that a run blames, the first cause first, for a server with two faults. */
async function causes(first: MiddlemanRules, second: MiddlemanRules): Promise<readonly string[]> {
  await using server = await startReferenceServer()
  await using inner = await startMiddleman(server.url, first)
  await using outer = await startMiddleman(inner.url, second)
  const { url } = outer
  const result = await runConformance({ url, tokens: server.tokens, peers: 'none', timeoutScale: 0.3 })
  const named = causesOf(result).map(({ check }) => check.requirement)
  // The last line names them in the order in which they are shown.
  expect(result.reason).toContain(`most likely: ${[...new Set(named)].slice(0, 5).join(', ')}`)
  return named
}

const saysByeForLost: MiddlemanRules = {
  toClient: changed('peer-left', (frame) =>
    frame['reason'] === 'lost' ? { ...frame, reason: 'bye' } : true,
  ),
}

const cutsRoomsOfErrors: MiddlemanRules = {
  toClient: changed('error', (frame) => ('room' in frame ? { ...frame, room: 'another' } : true)),
}

const fatalIsNot: MiddlemanRules = {
  toClient: changed('error', (frame) => (frame['code'] === 'replaced' ? { ...frame, fatal: false } : true)),
}

test.concurrent('two faults at once are both named: a reason and the context of errors', async () => {
  const found = await causes(saysByeForLost, cutsRoomsOfErrors)
  expect(found).toContain('errors.context-equal')
  expect(
    found.some((each) => ['rooms.lost', 'connection.end-noticed', 'websocket.close'].includes(each)),
  ).toBe(true)
})

test.concurrent('two faults at once are both named: no answer to pings of WebSocket and a flag', async () => {
  const found = await causes(fatalIsNot, { binding: { noPong: true } })
  expect(found).toContain('websocket.ping')
  expect(found.some((each) => ['errors.fatal-flag', 'replaces.old-ends'].includes(each))).toBe(true)
})

test.concurrent('places that are not given back are blamed on rooms.full, not on joining', async () => {
  /** Who has a place in each room: nobody gives it back who is cut off. */
  const placed = new Map<unknown, Set<string>>()
  const found = await causes(
    {},
    {
      toServer: (frame, passage) => {
        const members = placed.get(frame['room']) ?? new Set()
        if (frame['type'] === 'leave') members.delete(passage.peer)
        if (frame['type'] !== 'join') return true
        if (members.size >= 8 && !members.has(passage.peer)) {
          passage.toClient(refusal(frame, 'room-full'))
          return false
        }
        placed.set(frame['room'], members.add(passage.peer))
        return true
      },
    },
  )
  expect(found[0]).toBe('rooms.full')
})
