import { describe, expect, it } from 'vitest'
import { failedCheck } from './result.test.fixture.ts'
import { serverWords } from './server-words.ts'

function wordsOf(...frames: readonly (readonly ['sent' | 'received', string])[]): string | undefined {
  const transcript = frames.map(([direction, text]) => {
    return { at: 1, endpoint: 'A', direction, text, decisive: true } as const
  })
  return serverWords(failedCheck({ transcript }))
}

const full = '{"type":"error","code":"forbidden","message":"Cannot join: too many rooms","fatal":false}'

describe('serverWords()', () => {
  it('are the message of the error that decides', () => {
    expect(wordsOf(['received', '{"type":"ok"}'], ['received', full])).toBe('Cannot join: too many rooms')
  })

  it('are cut where they are long', () => {
    expect(wordsOf(['received', JSON.stringify({ type: 'error', message: 'x'.repeat(999) })])).toHaveLength(
      201,
    )
  })

  it.each([
    ['what the kit sent', ['sent', full]],
    ['what is no JSON', ['received', '{"type":"error"']],
    ['what is no error', ['received', '{"type":"ok","message":"fine"}']],
    ['an error without words', ['received', '{"type":"error","code":"internal","message":""}']],
    ['a message that is no text', ['received', '{"type":"error","message":7}']],
  ] as const)('are not made of %s', (_what, frame) => {
    expect(wordsOf(frame)).toBeUndefined()
  })

  it('are not those of frames that decide nothing', () => {
    const transcript = [{ at: 1, endpoint: 'A', direction: 'received', text: full }] as const
    expect(serverWords(failedCheck({ transcript: [...transcript] }))).toBeUndefined()
  })
})
