import { runConformance } from '@parley/conformance'
import { expect, test } from 'vitest'
import { startMiddleman, type MiddlemanRules } from './middleman.ts'
import { changed } from './rule.ts'
import { startReferenceServer } from './running-server.ts'

/** Requirements that a run blames, for a server with two faults. */
async function causes(first: MiddlemanRules, second: MiddlemanRules): Promise<readonly string[]> {
  await using server = await startReferenceServer()
  await using inner = await startMiddleman(server.url, first)
  await using outer = await startMiddleman(inner.url, second)
  const { url } = outer
  const { checks } = await runConformance({ url, tokens: server.tokens, peers: 'none', timeoutScale: 0.3 })
  return checks
    .filter(({ verdict, causedBy }) => verdict === 'fail' && causedBy === undefined)
    .map(({ requirement }) => requirement)
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
