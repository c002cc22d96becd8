import { runConformance } from '@parley/conformance'
import { describe, expect, test } from 'vitest'
import { impairedPath } from './impaired-path.ts'
import { startMiddleman, type Frame, type Passage } from './middleman.ts'
import { startReferenceServer } from './running-server.ts'

const against: ReadonlySet<string> = new Set(['fail', 'warn', 'kit-error'])

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Whether a capability is in force by a `welcome`. */
const isIn = ({ capabilities }: Frame, name: string) =>
  typeof capabilities === 'object' && capabilities !== null && name in capabilities

/** Runs checks without peers, and says what is held against the server. */
async function heldAgainst(url: string, tokens: readonly string[], checks: readonly string[], seed = 'far') {
  const result = await runConformance({ url, tokens, checks, peers: 'none', seed })
  return result.checks
    .filter(({ verdict }) => against.has(verdict))
    .map(({ id, reason = '' }) => `${id}: ${reason}`)
}

describe.concurrent('a server that is right, and far away', () => {
  test('is not blamed for calls whose time is over before the endpoint has said that it rings', async ({
    expect,
  }) => {
    await using server = await startReferenceServer()
    await using middleman = await startMiddleman(server.url, {
      toClient: async (frame) => {
        if (frame['type'] === 'invite') await pause(1200)
        return true
      },
    })
    expect(await heldAgainst(middleman.url, server.tokens, ['ring.timeout'])).toEqual([])
  })

  test('is not blamed for calls whose time is over before they are cancelled, refused or taken', async ({
    expect,
  }) => {
    await using server = await startReferenceServer()
    await using middleman = await startMiddleman(server.url, {
      toServer: async (frame) => {
        if (['cancel', 'reject', 'accept'].includes(String(frame['type']))) await pause(1500)
        return true
      },
    })
    expect(
      await heldAgainst(middleman.url, server.tokens, ['ring.last:timer', 'ring.timeout:taken']),
    ).toEqual([])
  })

  test('is judged for calls that are over, also where one ends before the word that came just in time', async () => {
    await using server = await startReferenceServer()
    await using middleman = await startMiddleman(server.url, {
      toServer: async (frame) => {
        if (frame['type'] === 'cancel') await pause(1000)
        return true
      },
    })
    const checks = ['ring.timeout:alerted', 'ring.ended:seconds', 'ring.reused:seconds']
    const result = await runConformance({
      url: middleman.url,
      tokens: server.tokens,
      checks,
      peers: 'none',
    })
    const verdicts = result.checks.map(({ id, verdict }) => [id, verdict])
    expect(Object.fromEntries(verdicts)).toMatchObject({
      'ring.timeout:alerted': 'not-observed',
      'ring.ended:seconds': 'pass',
      'ring.reused:seconds': 'pass',
    })
  })

  test.each([1500, 4000])(
    'is not blamed for the end of a call that came %i ms late, and before its endpoint was cut off',
    async (lateMs) => {
      await using server = await startReferenceServer()
      await using middleman = await startMiddleman(server.url, {
        toClient: async (frame) => {
          if (frame['type'] === 'invite') await pause(lateMs)
          return true
        },
      })
      expect(await heldAgainst(middleman.url, server.tokens, ['resume.meanwhile:timeout'])).toEqual([])
    },
  )

  // In the first two the time of a short call ends before a loss that is still on its way.
  test.each(['w4', 'w16', 'far'])(
    'is not blamed for what a walk with the seed %s does late',
    async (seed) => {
      await using server = await startReferenceServer({ callsPerPeer: 2 })
      await using middleman = await startMiddleman(server.url, {
        toServer: async (frame) => {
          const isLast = frame['type'] === 'cancel' || frame['type'] === 'hangup'
          await pause(isLast ? 600 : 200)
          return true
        },
      })
      expect(await heldAgainst(middleman.url, server.tokens, ['ring.states'], seed)).toEqual([])
    },
  )

  test('is not blamed for an endpoint whose calls are over before the answer comes', async () => {
    await using server = await startReferenceServer({ callsPerPeer: 2, ringSeconds: 10 })
    await using middleman = await startMiddleman(server.url, {
      toServer: async (frame) => {
        if (frame['type'] === 'invite') await pause(1800)
        return true
      },
    })
    expect(await heldAgainst(middleman.url, server.tokens, ['ring.unavailable'])).toEqual([])
  })

  test('is not blamed for devices that other checks have connected', async () => {
    await using server = await startReferenceServer()
    await using path = await impairedPath(server.url, { roundTripMs: 300, seed: 'far' })
    const checks = ['ring.invited:oneself', 'ring.unavailable', 'ring.no-oracle', 'ring.no-timing']
    expect(await heldAgainst(path.url, server.tokens, checks)).toEqual([])
  })

  // Each word comes when the time of the session is over that waits meanwhile, and with it the call.
  test.each([
    ['cancel', 'resume.meanwhile:calls'],
    ['ringing', 'resume.meanwhile:calls'],
    ['candidate', 'resume.meanwhile:calls'],
    ['hangup', 'resume.meanwhile:calls'],
    ['reject', 'resume.meanwhile:calls'],
    ['ping', 'resume.unseen:calls'],
    ['offer', 'resume.meanwhile:every-message'],
    ['com.example.raise-hand', 'resume.meanwhile:custom'],
  ])('is not blamed where %s is long on its way while a session waits', async (type, check) => {
    await using server = await startReferenceServer({ resumeSeconds: 1 })
    const waiting = new Set<Passage>()
    await using middleman = await startMiddleman(server.url, {
      toServer: async (frame) => {
        if (frame['type'] === type && waiting.size > 0) await pause(1400)
        return true
      },
      toClient: (frame, passage) => {
        if (frame['type'] === 'welcome') passage.notes.set('session', isIn(frame, 'resume'))
        if (frame['type'] === 'resumed') waiting.clear()
        return true
      },
      onClientEnd: (passage) => {
        if (passage.notes.get('session') === true) waiting.add(passage)
        return true
      },
    })
    expect(await heldAgainst(middleman.url, server.tokens, [check])).toEqual([])
  })

  test('is not blamed for new credentials that are long on their way', async () => {
    await using server = await startReferenceServer()
    await using middleman = await startMiddleman(server.url, {
      toClient: async (frame, passage) => {
        if (frame['type'] !== 'ice-servers' || 'ref' in frame || passage.notes.has('held')) return true
        passage.notes.set('held', true)
        // As long as the credentials last: whoever tries them at once comes too late.
        await pause(4000)
        return true
      },
    })
    const checks = ['ice.renewed', 'ice.overlap', 'ice.accepted:renewed']
    expect(await heldAgainst(middleman.url, server.tokens, checks)).toEqual([])
  })

  test('is not blamed for credentials that it has renewed before the session was lost', async () => {
    await using server = await startReferenceServer()
    let next: 'answer' | 'bare client' | undefined = 'answer'
    await using middleman = await startMiddleman(server.url, {
      toServer: (frame, passage) => {
        if (frame['type'] === 'hello' && !('capabilities' in frame)) passage.notes.set('bare', true)
        return true
      },
      toClient: async (frame, passage) => {
        if (next === 'answer' && frame['type'] === 'ice-servers') next = 'bare client'
        else if (next === 'bare client' && frame['type'] === 'welcome' && passage.notes.has('bare')) {
          next = undefined
          // Whoever comes then comes so late that the first ones have been renewed.
          await pause(3300)
        }
        return true
      },
    })
    expect(await heldAgainst(middleman.url, server.tokens, ['ice.renewed:waiting'])).toEqual([])
  })

  test('is not blamed for credentials that have ended before the kit comes back', async () => {
    await using server = await startReferenceServer()
    await using middleman = await startMiddleman(server.url, {
      toServer: async (frame) => {
        if (frame['type'] === 'resume') await pause(10_000)
        return true
      },
    })
    expect(await heldAgainst(middleman.url, server.tokens, ['ice.renewed:resumed'])).toEqual([])
  })
})
