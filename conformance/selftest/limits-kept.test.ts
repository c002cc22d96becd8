import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { runConformance, type RunResult } from '@parley/conformance'
import { createServer, silentLog } from '@parley/reference-server'
import { subprotocol } from '@parley/schemas'
import { describe, expect, test } from 'vitest'
import { startCountingProxy } from './counting-proxy.ts'
import { strictMeter, type Excess } from './meter.ts'
import { startMiddleman } from './middleman.ts'
import { startReferenceServer } from './running-server.ts'
import { everyOther, notAtFirst, threeAtOnce, tooOften } from './too-often.ts'

const harmless: ReadonlySet<string> = new Set(['pass', 'not-applicable', 'not-observed'])

function blemishes({ checks }: RunResult, others: readonly string[] = []): string[] {
  return checks
    .filter(({ verdict }) => !harmless.has(verdict) && !others.includes(verdict))
    .map(({ id, verdict, reason }) => `${verdict} ${id}: ${reason ?? ''}`)
}

/** Messages of the checks that go beyond the rate on purpose: `flood` in checks/delivery/delivery-load.ts. */
function isFlood({ frame }: Excess): boolean {
  return typeof frame['id'] === 'string' && /^n\d+$/.test(frame['id'])
}

describe('the kit keeps within what a server announces', { timeout: 180_000 }, () => {
  test.each([
    { perSecond: 50, burst: 100, membersPerRoom: 2, roomsPerPeer: 1, dataBytes: 1 },
    { perSecond: 1, burst: 100, membersPerRoom: 3, roomsPerPeer: 2, dataBytes: 4 },
  ])('%o, the first message too many ending the connection', async ({ perSecond, burst, ...limits }) => {
    await using server = await startReferenceServer({
      ...limits,
      ratePerSecond: perSecond,
      rateBurst: burst,
    })
    const excess: Excess[] = []
    await using strict = await startMiddleman(server.url, {
      toServer: strictMeter({ perSecond, burst }, excess),
    })
    const peers = perSecond === 1 ? 'none' : 'wrtc'
    const result = await runConformance({ url: strict.url, tokens: server.tokens, peers })
    expect(excess.filter((each) => !isFlood(each))).toEqual([])
    expect(blemishes(result, peers === 'none' ? ['could-not-run'] : [])).toEqual([])
    expect(result.verdict).toBe(peers === 'none' ? 'incomplete' : 'conformant')
    // At 50 a second the checks that are about the rate do go beyond it: the meter can see it.
    expect(excess.some(isFlood)).toBe(perSecond === 50)
  })

  test.each([
    ['three joins and auths at once', threeAtOnce, 'wrtc'],
    ['no join and no auth at the first attempt', notAtFirst, 'none'],
    ['every other join and auth', everyOther, 'none'],
  ] as const)('%s, refused one by one: nothing fails for it', async (_what, takesMore, peers) => {
    await using server = await startReferenceServer()
    await using limited = await startMiddleman(server.url, { toServer: tooOften(takesMore) })
    const result = await runConformance({ url: limited.url, tokens: server.tokens, peers })
    expect(
      blemishes(result, peers === 'none' ? ['inconclusive', 'could-not-run'] : ['inconclusive']),
    ).toEqual([])
    expect(['conformant', 'incomplete']).toContain(result.verdict)
    expect(result.summary.pass).toBeGreaterThan(300)
  })

  test('no more than twelve connections of an address: nothing fails for it', async () => {
    await using server = await startReferenceServer({ connectionsPerAddress: 12 })
    const result = await runConformance({ url: server.url, tokens: server.tokens, peers: 'none' })
    expect(blemishes(result, ['could-not-run', 'inconclusive'])).toEqual([])
    expect(result.verdict).toBe('incomplete')
    expect(
      result.checks.filter(({ reason }) => reason?.includes('takes no more connections now')),
    ).not.toEqual([])
  })

  test.each([429, 503])(
    'an offer that is answered with %d, since there is no room now, is not taken for refused',
    async (status) => {
      await using inner = createServer({ log: silentLog })
      const behind = createHttpServer()
      inner.attach(behind)
      const front = createHttpServer().on('upgrade', (request, socket: Duplex, head) => {
        const isSingle = request.headers['sec-websocket-protocol'] === subprotocol
        if (isSingle) behind.emit('upgrade', request, socket, head)
        else socket.end(`HTTP/1.1 ${String(status)} x\r\nConnection: close\r\n\r\n`)
      })
      front.listen(0, '127.0.0.1')
      await once(front, 'listening')
      const { port } = front.address() as AddressInfo
      const result = await runConformance({
        url: `ws://127.0.0.1:${String(port)}/`,
        checks: ['websocket.subprotocol'],
        peers: 'none',
      })
      expect(result.checks.map(({ verdict }) => verdict)).toEqual(['pass', 'could-not-run', 'could-not-run'])
      front.close()
    },
  )

  test.each([1, 3])(
    'at most %d connections are being opened, and checks running, at the same time',
    async (concurrency) => {
      await using server = await startReferenceServer()
      await using proxy = await startCountingProxy(server.url)
      const result = await runConformance({
        url: proxy.url,
        tokens: server.tokens,
        filter: 'rooms.',
        peers: 'none',
        concurrency,
      })
      expect(blemishes(result, ['could-not-run'])).toEqual([])
      expect(proxy.count.total).toBeGreaterThan(50)
      expect(proxy.count.mostOpening).toBeLessThanOrEqual(concurrency)
    },
  )
})
