import { runConformance, type CheckResult, type Peers } from '@parley/conformance'
import { describe, expect, test } from 'vitest'
import { brokenPeers, peerFaults } from './broken-peers.ts'
import type { MiddlemanRules } from './middleman.ts'
import { tampered, type Mutant } from './mutant.ts'
import { changed, textOf } from './rule.ts'
import { startReferenceServer, type RunningServer } from './running-server.ts'

/** Milliseconds for a check that waits until ICE gives up. */
const patientMs = 120_000

async function judge(start: Promise<RunningServer>, check: string, peers?: Peers): Promise<CheckResult> {
  await using server = await start
  const { url, tokens } = server
  const options = { url, tokens, checks: [check], timeoutScale: 0.3 }
  const { checks } = await runConformance(options, peers ? { peers } : {})
  const [result] = checks
  if (!result) throw new Error(`No result for ${check}`)
  return result
}

function evidenceOf({ evidence = [] }: CheckResult): string {
  return evidence.join('\n')
}

function server(toClient: () => NonNullable<MiddlemanRules['toClient']>): Mutant {
  return tampered('of this test', 'relay.delivered', () => ({ toClient: toClient() }))
}

describe.concurrent(
  'a server that breaks signaling fails, with the message that is missing or changed',
  () => {
    test('drops the answer', async () => {
      const { start } = server(() => changed('answer', () => false))
      const result = await judge(start(), 'relay.delivered:data-channel')
      expect(result).toMatchObject({ verdict: 'fail', leg: 'signaling' })
      expect(result.expected).toMatch(/the delivery of message 1 of \d+ from B to A, an answer/)
      expect(evidenceOf(result)).toMatch(/from B to A: sent 1 answer, .*; arrived \d candidate/)
    })

    test('drops candidates', async () => {
      const { start } = server(() => changed('candidate', () => false))
      const result = await judge(start(), 'relay.delivered:data-channel')
      expect(result).toMatchObject({ verdict: 'fail', leg: 'signaling' })
      expect(result.expected).toMatch(/a candidate/)
    })

    test('changes the fingerprint in a description', async () => {
      const { start } = server(() =>
        changed('offer', (frame) => ({
          ...frame,
          // One certificate in 256 has a fingerprint that begins with 00.
          sdp: textOf(frame, 'sdp').replace(
            /(a=fingerprint:\S+ )(..)/,
            (_line, name: string, byte: string) => `${name}${byte === '00' ? '11' : '00'}`,
          ),
        })),
      )
      const result = await judge(start(), 'relay.delivered:data-channel')
      expect(result).toMatchObject({ verdict: 'fail', leg: 'signaling' })
      expect(result.actual).toMatch(
        /changed on the way: sdp \(line \d+: sent "a=fingerprint:.*, arrived "a=fing/,
      )
    })

    test('lets a hangup overtake candidates', async () => {
      const { start } = server(() => (frame, passage, text) => {
        if (frame['type'] !== 'candidate') return true
        setTimeout(() => {
          passage.toClient(text)
        }, 2500)
        return false
      })
      const result = await judge(start(), 'relay.delivered:data-channel')
      expect(result).toMatchObject({ verdict: 'fail', leg: 'signaling' })
      // On a busy machine the judgement can come before the candidates do.
      expect(['it came only after a hangup that was sent later', 'it did not arrive']).toContain(
        result.actual,
      )
    })
  },
)

describe.concurrent('a fault that is not the server’s could not run, and names its leg', () => {
  test('ICE: the candidates of both sides lead nowhere', { timeout: patientMs }, async () => {
    const peers = brokenPeers(peerFaults.ice)
    const result = await judge(startReferenceServer(), 'relay.delivered:data-channel', peers)
    expect(result).toMatchObject({ verdict: 'could-not-run', leg: 'ice' })
    const evidence = evidenceOf(result)
    expect(evidence).toMatch(/(caller at A|callee at B): ICE new → checking/)
    expect(evidence).toMatch(
      /candidates sent: \d host udp and their end; received: \d host udp and their end/,
    )
    // Where the machine is slow the library may have forgotten its pairs by the time that it is asked.
    expect(evidence).toMatch(
      /pair host udp \S+ → host udp \S+:65535: \S+, \d+ requests, 0 responses|no candidate pair was tried, or none is known any more/,
    )
  })

  test('DTLS: each side expects another certificate', { timeout: patientMs }, async () => {
    const peers = brokenPeers(peerFaults.dtls)
    const result = await judge(startReferenceServer(), 'relay.delivered:data-channel', peers)
    expect(result).toMatchObject({ verdict: 'could-not-run', leg: 'dtls' })
    const evidence = evidenceOf(result)
    expect(evidence).toMatch(/ICE new → .*, DTLS (failed|connecting|closed)/)
    // DTLS can fail before the library tells that ICE is connected: the pair that it chose says so, too.
    expect(evidence).toMatch(/ICE new → [^,]*connected|connected over host udp \S+ → host udp/)
  })

  test('media: no frame is ever sent', { timeout: patientMs }, async () => {
    const peers = brokenPeers(peerFaults.media)
    const result = await judge(startReferenceServer(), 'relay.delivered:media', peers)
    expect(result).toMatchObject({ verdict: 'could-not-run', leg: 'media' })
    expect(evidenceOf(result)).toMatch(
      /packets received: 0 audio, 0 video; frames received: 0 audio, 0 video/,
    )
  })
})

test('peer library: its process dies, also in the second attempt', { timeout: patientMs }, async () => {
  process.env['PARLEY_PEER_CRASH_AT'] = 'createOffer'
  try {
    const result = await judge(startReferenceServer(), 'relay.delivered:data-channel')
    expect(result).toMatchObject({ verdict: 'could-not-run', leg: 'peer-library', attempts: 2 })
    expect(result.reason).toMatch(/Peer process ended/)
  } finally {
    delete process.env['PARLEY_PEER_CRASH_AT']
  }
})
