import { setTimeout as pause } from 'node:timers/promises'
import { CallWaitError } from './call-wait-error.ts'
import type { PeerConnection, PeerStats } from './peer-connection.ts'

/** The library renews its statistics at most this often. */
const renewalMs = 50

/**
 * Reads the statistics of a peer until they show what is expected, and returns them.
 * Rejects with CallWaitError when the time is up.
 * @param what - what is expected, in words
 */
export async function statsUntil(
  peer: PeerConnection,
  expected: (stats: PeerStats) => boolean,
  what = 'what was expected',
  signal = AbortSignal.timeout(10_000),
): Promise<PeerStats> {
  for (;;) {
    const stats = await peer.getStats()
    if (expected(stats)) return stats
    await pause(renewalMs, undefined, { signal }).catch(() => {
      throw new CallWaitError(`The statistics of a peer did not show ${what} in time`, [])
    })
  }
}
