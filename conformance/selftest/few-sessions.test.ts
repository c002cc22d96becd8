import { runConformance } from '@parley/conformance'
import { expect, test } from 'vitest'
import { startReferenceServer } from './running-server.ts'

/**
 * Sessions that may wait for their client at a time, and how many checks run; a server that has no place left does not offer `resume`. With two
 * places checks that run beside each other take them from each other: they are asked again, alone.
 */
const scenes = [
  { places: 8, concurrency: 2 },
  { places: 2, concurrency: 12 },
]

test.each(scenes)(
  '$places sessions that wait are enough for $concurrency checks at a time: what the kit is done with does not wait',
  async ({ places, concurrency }) => {
    let mostWaiting = 0
    await using server = await startReferenceServer(
      {},
      {
        decorateSessions: (inner) => ({
          get waiting() {
            return inner.waiting
          },
          get keptBytes() {
            return inner.keptBytes
          },
          get hasPlace() {
            mostWaiting = Math.max(mostWaiting, inner.waiting)
            return inner.waiting < places
          },
          begin: (peer) => {
            inner.begin(peer)
          },
          wait: (peer) => {
            inner.wait(peer)
          },
          connected: (peer) => {
            inner.connected(peer)
          },
          end: (peer) => {
            inner.end(peer)
          },
          find: (secret, client, ack) => inner.find(secret, client, ack),
          sweep: () => {
            inner.sweep()
          },
          close: () => {
            inner.close()
          },
        }),
      },
    )
    const { url, tokens } = server
    const result = await runConformance({
      url,
      tokens,
      capabilities: ['resume', 'discovery'],
      peers: 'none',
      concurrency,
    })
    const undone = result.checks.filter(({ verdict }) => verdict === 'could-not-run' || verdict === 'fail')
    expect(undone.map(({ id, reason }) => `${id}: ${reason ?? ''}`)).toEqual([])
    expect(mostWaiting).toBeGreaterThan(0)
  },
)
