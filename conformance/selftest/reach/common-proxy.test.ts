import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runConformance } from '@parley/conformance'
import { createServer } from '@parley/reference-server'
import { describe, expect, test } from 'vitest'
import { selfTestTokens } from '../self-test-token.ts'
import { makeAuthority } from './authority.ts'
import { blemishes } from './blemish.ts'
import { isInstalled, startCommonProxy, type ProxyName } from './common-proxy.ts'

/** Milliseconds that a whole run may take on a machine that is busy with other things. */
const wholeRunMs = 240_000

const proxies: readonly ProxyName[] = ['nginx', 'caddy']

describe.each(proxies)('behind %s, with the configuration of the docs', (name) => {
  // Where .ci/install-proxies could not install one, its test is reported as skipped, unless PARLEY_REQUIRE_PROXIES says that it has to be there.
  const isLeftOut = !isInstalled(name) && !process.env['PARLEY_REQUIRE_PROXIES']

  test.skipIf(isLeftOut)(
    'the wire run is as it is without, and the health pages are where they should be',
    async () => {
      await using server = createServer({
        path: '/signal',
        membersPerRoom: 8,
        roomsPerPeer: 12,
        dataBytes: 2048,
        tokens: selfTestTokens,
        metricsAddress: '127.0.0.1:0',
      })
      const { port } = await server.listen()
      const authority = await makeAuthority()
      const folder = await mkdtemp(join(tmpdir(), 'parley-'))
      const ca = join(folder, 'ca.pem')
      await writeFile(ca, authority.cert)
      try {
        await using proxy = await startCommonProxy(name, port, await authority.certify('127.0.0.1'))
        const tokens = selfTestTokens.map(({ token }) => token)
        const url = `wss://${proxy.origin}/signal`
        const result = await runConformance({ url, tokens, ca: [ca], peers: 'none' })
        expect(blemishes(result)).toEqual([])
        expect(result.summary.pass).toBeGreaterThan(300)
        const statuses = await Promise.all(
          ['ready', 'metrics', 'health', ''].map((path) =>
            statusOf(`https://${proxy.origin}/${path}`, authority.cert),
          ),
        )
        // Only what a load balancer needs is reachable from outside.
        expect(statuses).toEqual([200, 404, 404, 404])
      } finally {
        await rm(folder, { recursive: true })
      }
    },
    wholeRunMs,
  )
})

/** Status of the answer to a GET. */
async function statusOf(url: string, ca: string): Promise<number | undefined> {
  const [response] = (await once(get(url, { ca }), 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode
}
