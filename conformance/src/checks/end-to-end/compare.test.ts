import { describe, expect, it } from 'vitest'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { CallMessage } from '../../peer/call-message.ts'
import { compare } from './compare.ts'
import type { Participant } from './participant.ts'

function hangup(call: string): CallMessage {
  return { type: 'hangup', to: 'b', room: 'r', call, reason: 'normal' }
}

function participant(address: string, parts: Partial<Participant>): Participant {
  const endpoint = { name: address, waitFor: () => Promise.reject(new CheckFailure('it', 'it did not come')) }
  return { address, room: 'r', sent: [], received: [], endpoint, ...parts } as unknown as Participant
}

describe('compare()', () => {
  const sent = [hangup('one'), hangup('two')]
  const a = participant('a', { sent })
  const b = participant('b', { received: [{ ...hangup('one'), from: 'a' }] })
  const t = { evidence: [] } as unknown as CheckContext

  it('does not miss what was sent after the marker', async () => {
    await expect(compare(t, a, b, 1)).resolves.toBeUndefined()
  })

  it('misses what was sent before the marker', async () => {
    await expect(compare(t, a, b, 2)).rejects.toThrow('message 2 of 2 from a to b')
  })
})
