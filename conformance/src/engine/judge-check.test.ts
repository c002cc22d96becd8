import { describe, expect, test } from 'vitest'
import type { Received } from '../endpoint/received.ts'
import { CheckFailure, ConnectionLost, Undecided } from './failure.ts'
import { rateOf, unlessLapsed } from './judge-check.ts'

const stays = { name: 'A', lapse: undefined }
const lapsed = {
  name: 'B',
  lapse: { code: 'auth-timeout', words: 'no authentication 31.0 s after its opening' },
}

describe('unlessLapsed()', () => {
  test('blames nobody for what came of a connection that the server was free to end', () => {
    for (const failure of [
      new CheckFailure('a pong', 'none came'),
      new ConnectionLost('a pong', 'it ended'),
    ]) {
      const judged = unlessLapsed('replaces.unknown', [stays, lapsed], failure)
      expect(judged).toBeInstanceOf(Undecided)
      expect(judged).toMatchObject({
        verdict: 'inconclusive',
        message: expect.stringMatching(
          /^The server ended the connection of endpoint B with auth-timeout, as it may \(no auth/,
        ) as string,
      })
    }
  })

  test('says what to do about a token that ran out', () => {
    const gone = { name: 'B', lapse: { code: 'token-expired', words: 'the token ended after 20.0 s' } }
    expect(unlessLapsed('rooms.joined', [gone], new CheckFailure('joined', 'none came'))).toMatchObject({
      verdict: 'could-not-run',
      message: expect.stringMatching(/: give a token that lasts longer$/) as string,
    })
  })

  test('excuses nothing where no connection was ended so, or where the check is about that', () => {
    const failure = new CheckFailure('a pong', 'none came')
    expect(unlessLapsed('replaces.unknown', [stays], failure)).toBe(failure)
    expect(unlessLapsed('auth.wait', [lapsed], failure)).toBe(failure)
    const broken = new TypeError('a fault of the kit')
    expect(unlessLapsed('replaces.unknown', [lapsed], broken)).toBe(broken)
  })
})

describe('rateOf()', () => {
  const limited = (fatal: boolean) => {
    const log = [{ message: { type: 'error', code: 'rate-limited', fatal } }] as unknown as Received[]
    return { endpoints: [{ log: [] }, { log }], target: { welcome: { limits: {} } } }
  }

  test('lays what fails where a connection was ended for its rate to that', () => {
    const check = { requirement: { id: 'rooms.joined' } } as const
    expect(rateOf(check, limited(true))).toBe('limits.honoured')
    const announced = { ...limited(true), target: { welcome: { limits: { rate: {} } } } }
    expect(rateOf(check, announced)).toBe('delivery.burst')
  })

  test('lays nothing to it where the connection goes on, or where the check is about that', () => {
    expect(rateOf({ requirement: { id: 'rooms.joined' } }, limited(false))).toBeUndefined()
    expect(rateOf({ requirement: { id: 'delivery.rate' } }, limited(true))).toBeUndefined()
  })
})
