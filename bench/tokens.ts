/**
 * What the kit sees with which tokens, as the table of `docs/guides/reach-your-server.md`: `npx tsx bench/tokens.ts`. Without peers, against the
 * reference server.
 */
import { runConformance } from '@parley/conformance'
import type { TokenEntry } from '@parley/reference-server'
import { startReferenceServer } from '../conformance/selftest/running-server.ts'

const ann: TokenEntry = { token: 'ann-4f1d0c9be2a7', user: 'ann' }
const again: TokenEntry = { ...ann, token: 'ann-71c05be4d3f8' }
const bob: TokenEntry = { token: 'bob-93c2e7a1d05f', user: 'bob' }
const toSend = { prefix: 'parley-', join: true, send: true }
const toListen = { prefix: 'listen-', join: true, send: false }

const choices: readonly (readonly [title: string, tokens: readonly TokenEntry[]])[] = [
  ['none, and the server asks for none', []],
  ['one, without grants', [ann]],
  ['two of one user, without grants', [ann, again]],
  ['of two users, without grants', [ann, bob]],
  ['of two users, the second with a prefix to join and send in', [ann, { ...bob, grants: [toSend] }]],
  ['of two users, the second with a prefix to listen in alone', [ann, { ...bob, grants: [toListen] }]],
  ['of two users, the second with both prefixes', [ann, { ...bob, grants: [toSend, toListen] }]],
  [
    'the same, and the second token with `expiresInMs` 20,000',
    [ann, { ...bob, grants: [toSend, toListen], expiresInMs: 20_000 }],
  ],
]
const verdicts = ['pass', 'not-applicable', 'not-observed', 'could-not-run'] as const
const rows = [
  'tokens | passed | not applicable | not observed | could not run',
  '--- | --- | --- | --- | ---',
]
let checks = 0
let peers = 0
for (const [title, tokens] of choices) {
  await using server = await startReferenceServer({ tokens })
  const result = await runConformance({ url: server.url, tokens: server.tokens, peers: 'none' })
  if (result.verdict === 'non-conformant') throw new Error(`Non-conformant with tokens: ${title}`)
  checks = result.checks.length
  // Checks with real peers are left out of the counts.
  const judged = result.checks.filter(({ reason = '' }) => !reason.includes('--peers none'))
  peers = checks - judged.length
  const counts = verdicts.map((each) => judged.filter(({ verdict }) => verdict === each).length)
  rows.push([title, ...counts].join(' | '))
}
process.stdout.write(
  `${rows.map((row) => `| ${row} |`).join('\n')}\n${String(checks)} checks, ${String(peers)} with real peers\n`,
)
process.exit()
