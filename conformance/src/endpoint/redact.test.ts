import { describe, expect, it } from 'vitest'
import { SecretIndex } from '../observer/secret-index.ts'
import { Redactor } from './redact.ts'

const token = 'planted/token+6611&"x"~Zq'
const session = 'Hq7_tV2nXo4JkPzR0mWc9bLdYe6uSi3G'

function redactor(): Redactor {
  const sessions = new SecretIndex()
  sessions.add(session, 1)
  const all = new Redactor([{ finder: sessions, labelOf: () => 'session' }])
  all.add(token, 'token 1')
  return all
}

const escapes = (text: string) =>
  Array.from(text)
    .map((each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
const percent = (text: string) =>
  Array.from(text)
    .map((each) => `%${each.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .join('')
const html = (text: string) =>
  Array.from(text)
    .map((each) => `&#${String(each.charCodeAt(0))};`)
    .join('')
const base64 = (text: string) => Buffer.from(text).toString('base64')
const hex = (text: string) => Buffer.from(text).toString('hex')

const spellings: readonly (readonly [string, (secret: string) => string])[] = [
  ['as it is', (secret) => secret],
  ['within a JSON string', (secret) => JSON.stringify({ message: `no ${secret}!` })],
  ['within a JSON string within another', (secret) => JSON.stringify({ m: JSON.stringify({ n: secret }) })],
  ['every character escaped', escapes],
  ['some characters escaped', (secret) => escapes(secret.slice(0, 3)) + secret.slice(3)],
  ['upper-case escapes', (secret) => escapes(secret).replace(/[a-f]/g, (each) => each.toUpperCase())],
  ['escaped and written as JSON once more', (secret) => JSON.stringify({ m: escapes(secret) })],
  ['as part of a URL', (secret) => `/?key=${encodeURIComponent(secret)}&x=1`],
  ['every byte of a URL', percent],
  ['percent-encoded twice', (secret) => encodeURIComponent(encodeURIComponent(secret))],
  ['HTML references', html],
  ['hexadecimal', hex],
  ['upper-case hexadecimal', (secret) => hex(secret).toUpperCase()],
  ['hexadecimal behind a nibble', (secret) => `a${hex(secret)}`],
  ['base64', base64],
  ['base64url', (secret) => Buffer.from(secret).toString('base64url')],
  ['base64 without padding', (secret) => base64(secret).replaceAll('=', '')],
  ...[0, 1, 2, 3].map(
    (bytes) =>
      [
        `base64 behind ${String(bytes)} bytes`,
        (secret: string) => base64(`${'k'.repeat(bytes)}${secret}tail`),
      ] as const,
  ),
  ['base64 behind other characters of its alphabet', (secret) => `x/${base64(secret)}`],
  ['Basic credentials', (secret) => `Authorization: Basic ${base64(`somebody:${secret}`)}`],
  ['base64 within base64', (secret) => base64(`a ${base64(`b ${secret}`)}`)],
  ['base64 as part of a URL', (secret) => encodeURIComponent(base64(secret))],
]

describe('Redactor', () => {
  it.each(spellings)('replaces a secret %s', (_how, spell) => {
    for (const [secret, label] of [
      [token, '‹token 1›'],
      [session, '‹session›'],
    ] as const) {
      const spelt = spell(secret)
      const clean = redactor().redact(`before ${spelt} between ${spelt} after`)
      expect(clean.split(label)).toHaveLength(3)
      expect(clean).toMatch(/^before .*between .* after$/)
      expect(clean).not.toContain(spelt)
    }
  })

  it('replaces a token whose case has changed', () => {
    expect(redactor().redact(token.toUpperCase())).toBe('‹token 1›')
  })

  it.each(['', 'longer ', 'longer still '])(
    'replaces the beginning of a secret that was cut (%s)',
    (before) => {
      for (const secret of [token, session]) {
        for (const spelt of [secret, base64(`${before}${secret}`), hex(secret)]) {
          const cut = spelt.slice(0, Math.ceil(spelt.length * 0.8))
          const clean = redactor().redact(`the server sent ${cut}…, which is wrong`)
          expect(clean).toMatch(/^the server sent ‹(token 1|session)›…, which is wrong$/)
        }
      }
    },
  )

  it('reads much text in little time', () => {
    const large = `${'d'.repeat(100_000)}${token}${'\\u0064'.repeat(10_000)}${'…'.repeat(10_000)}`
    expect(redactor().redact(large)).toContain('‹token 1›')
  })

  it('leaves other text as it is', () => {
    const text = `{"type":"offer","sdp":"a=ice-pwd:${'q'.repeat(24)}\\r\\n","note":"100%25 &amp; \\u00e9"}`
    expect(redactor().redact(text)).toBe(text)
  })

  it('replaces in an error, its stack and its cause', () => {
    const error = new Error(`No: ${token}`, { cause: new Error(base64(token)) })
    redactor().redactError(error)
    expect(`${error.message} ${error.stack ?? ''} ${String(error.cause)}`).not.toContain(token)
    expect(String(error.cause)).toBe('Error: ‹token 1›')
  })
})
