import { networkInterfaces } from 'node:os'
import { runConformance } from '@parley/conformance'
import { describe, expect, test } from 'vitest'
import { startReferenceServer } from '../running-server.ts'
import { blemishes } from './blemish.ts'
import { runMain } from './run-main.ts'

/** Milliseconds that a whole run may take on a machine that is busy with other things. */
const wholeRunMs = 240_000

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
)

describe.runIf(hasIpv6)('IPv6', () => {
  test('a URL with an address of it', async () => {
    await using server = await startReferenceServer({ host: '::1' })
    expect(server.url).toMatch(/^ws:\/\/\[::1\]:\d+\/$/)
    const args = ['--token', server.tokens[0] ?? '', '--check', 'connection.welcome,rooms.joined:self']
    const { text, code } = await runMain([server.url, ...args])
    expect(text).toContain(`Target ${server.url}`)
    expect(text).toMatch(/\d passed in/)
    expect(code).toBe(3)
  })

  test('a dead port of it is told', async () => {
    const { text, code } = await runMain(['ws://[::1]:9/'])
    expect(text).toContain('Nothing listens at [::1]:9')
    expect(code).toBe(4)
  })

  test(
    'a name with two addresses of which the first is dead: the whole wire run is as it is with one',
    async () => {
      await using server = await startReferenceServer({ host: '::1' })
      const url = server.url.replace('[::1]', 'two.example')
      let asked = 0
      const result = await runConformance(
        { url, tokens: server.tokens, peers: 'none' },
        {
          lookup: (_host, _options, callback) => {
            asked += 1
            callback(null, [
              { address: '127.0.0.1', family: 4 },
              { address: '::1', family: 6 },
            ])
          },
        },
      )
      expect(blemishes(result)).toEqual([])
      expect(result.summary.pass).toBeGreaterThan(300)
      expect(asked).toBeGreaterThan(300)
    },
    wholeRunMs,
  )
})

test('a name with two dead addresses is told once', async () => {
  const dead = runConformance(
    { url: 'ws://two.example:9/', peers: 'none' },
    {
      lookup: (_host, _options, callback) => {
        callback(null, [
          { address: '127.0.0.2', family: 4 },
          { address: '127.0.0.1', family: 4 },
        ])
      },
    },
  )
  await expect(dead).rejects.toThrow(/^Nothing listens at two\.example:9: start the server/)
})
