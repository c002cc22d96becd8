import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../endpoint/endpoint.ts'
import { answering, CheckFailure, ConnectionLost } from '../../engine/failure.ts'
import { expectAccepted, expectOk, saysOk } from './refusal.ts'

const outcomeOf = (type: string, code?: string): Outcome => {
  const message = { type, ...(code === undefined ? {} : { code }) }
  return { index: 0, text: JSON.stringify(message), message, type, code }
}

const failing = (failure: Error) => ({ outcome: () => answering<Outcome>(Promise.reject(failure)) })

describe('expectAccepted()', () => {
  it('rests on outcomes.ok where an ok does not come', async () => {
    const silence = failing(new CheckFailure('ok for a hangup', 'nothing of the kind came'))
    await expect(expectAccepted(silence, 'ok', 'a hangup')).rejects.toMatchObject({
      presupposes: 'outcomes.ok',
    })
  })

  it.each([
    ['a typed reply is missing', 'left', failing(new CheckFailure('left for a leave', 'nothing came'))],
    ['the connection ended', 'ok', failing(new ConnectionLost('ok for a hangup', 'it ended'))],
    ['it was refused', 'ok', { outcome: () => Promise.resolve(outcomeOf('error', 'not-in-room')) }],
  ])('is about the check itself where %s', async (_why, type, pending) => {
    await expect(expectAccepted(pending, type, 'it')).rejects.toMatchObject({ presupposes: undefined })
  })
})

describe('expectOk()', () => {
  it('rests on frames.good-shape where what is valid is refused as bad-message, and on nothing where otherwise', async () => {
    const refused = (code: string) => ({ outcome: () => Promise.resolve(outcomeOf('error', code)) })
    await expect(expectOk(refused('bad-message'), 'an offer')).rejects.toMatchObject({
      presupposes: 'frames.good-shape',
    })
    await expect(expectOk(refused('too-large'), 'an offer')).rejects.toMatchObject({ presupposes: undefined })
  })
})

describe('saysOk()', () => {
  it('rests on what allows the message where that is refused, and judges an ok that does not come', async () => {
    const refused = { outcome: () => Promise.resolve(outcomeOf('error', 'call-state')) }
    await expect(saysOk(refused, 'a cancel', 'ring.cancel')).rejects.toMatchObject({
      presupposes: 'ring.cancel',
    })
    const silence = failing(new CheckFailure('ok for a cancel', 'nothing of the kind came'))
    await expect(saysOk(silence, 'a cancel', 'ring.cancel')).rejects.toMatchObject({ presupposes: undefined })
  })
})
