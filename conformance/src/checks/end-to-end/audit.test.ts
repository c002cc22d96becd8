import { expect, test } from 'vitest'
import type { CheckContext } from '../../engine/context.ts'
import { withPeers } from './audit.ts'
import type { Participant } from './participant.ts'

/** A participant whose message the server refuses when it has been looked at so many times. */
function refusedAt(look: number): Participant {
  let looks = 0
  const endpoint = {
    all: () => {
      looks += 1
      return looks < look ? [] : [{ code: 'call-ended', message: 'the call is over' }]
    },
  }
  return { endpoint, sent: [{}], received: [], address: 'A', room: 'r' } as unknown as Participant
}

test(
  'what the server does late, while a call waits for it without end, is seen',
  { timeout: 5000 },
  async () => {
    const t = { dueMs: 5, defer: () => undefined } as unknown as CheckContext
    const endless = () => new Promise<void>(() => undefined)
    await expect(withPeers(t, [refusedAt(3)], endless)).rejects.toThrow('an error came: call-ended')
  },
)
