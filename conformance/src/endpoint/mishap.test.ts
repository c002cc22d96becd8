import { expect, test } from 'vitest'
import { endWords, refusalWords } from './mishap.ts'
import type { Wire } from './wire.ts'

const full: Wire = { type: 'error', code: 'room-full', message: 'full', fatal: false, of: 'join', room: 'r' }
const replaced: Wire = { type: 'error', code: 'replaced', message: 'gone', fatal: true }

function actor(messages: readonly Wire[], retried: readonly number[] = []) {
  const log = messages.map((message, index) => ({ index, text: JSON.stringify(message), message }))
  return { name: 'M', log, retried: new Set(retried) }
}

test('refusalWords() names the error about the message', () => {
  const refusal = (...args: Parameters<typeof actor>) =>
    refusalWords(actor(...args), ({ message: { of } }) => of === 'join', 'its join')
  expect(refusal([full])).toBe('M got the error room-full for its join')
  expect(refusal([{ ...full, of: 'update' }])).toBeUndefined()
  expect(refusal([full], [0])).toBeUndefined()
})

test('endWords() names the fatal error that ended the connection', () => {
  expect(endWords(actor([full, replaced]))).toBe(
    'the connection of M ended first with the fatal error replaced',
  )
  expect(endWords(actor([full]))).toBeUndefined()
})
