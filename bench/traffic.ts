/**
 * What a run of the kit puts on a server, as the table of `docs/guides/point-it-at-production.md`: `npx tsx bench/traffic.ts`. Messages are counted
 * by a man in the middle that reads frames, connections and bytes by a proxy before it.
 */
import { runConformance, type ConformanceOptions } from '@parley/conformance'
import { startCountingProxy } from '../conformance/selftest/counting-proxy.ts'
import { serve } from '../conformance/selftest/soak/served.ts'
import { startWireMiddleman, type WireFrame } from '../conformance/selftest/wire-middleman.ts'

const kinds: readonly (readonly [title: string, options: Partial<ConformanceOptions>])[] = [
  ['all of it', {}],
  ['`--peers none`', { peers: 'none' }],
  ['the same, `--concurrency 1`', { peers: 'none', concurrency: 1 }],
]
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
const number = (count: number) => count.toLocaleString('en')
const rows = [
  'run | connections | open at once | messages sent | messages received | bytes sent | bytes received',
  '--- | --- | --- | --- | --- | --- | ---',
]
let checks = 0
for (const [title, options] of kinds) {
  await using server = await serve('reference')
  const messages = { sent: 0, received: 0 }
  const counting = (way: keyof typeof messages) => (frame: WireFrame) => {
    // A text message begins with its first frame: RFC 6455, section 5.4.
    if (frame.opcode === 1) messages[way] += 1
    return true as const
  }
  await using middleman = await startWireMiddleman(server.url, {
    toServer: counting('sent'),
    toClient: counting('received'),
  })
  await using proxy = await startCountingProxy(middleman.url)
  const { url } = proxy
  const result = await runConformance({ url, tokens: server.tokens, ...options })
  checks = Math.max(checks, result.checks.length)
  const { total, mostOpen, bytesToServer, bytesToKit } = proxy.count
  const counts = [total, mostOpen, messages.sent, messages.received].map(number)
  rows.push([title, ...counts, megabytes(bytesToServer), megabytes(bytesToKit)].join(' | '))
  if (result.verdict === 'non-conformant') throw new Error(`The reference server is ${result.verdict}`)
}
process.stdout.write(`${rows.map((row) => `| ${row} |`).join('\n')}\n${number(checks)} checks\n`)
process.exit()
