import { describe, expect, it } from 'vitest'
import { secretsOf, shownUrl } from './shown-url.ts'

describe('shownUrl()', () => {
  it.each([
    ['ws://127.0.0.1:8080/path', 'ws://127.0.0.1:8080/path'],
    ['wss://ann:pass%20word@host/path', 'wss://…@host/path'],
    ['wss://host/path?token=secret-1&empty=', 'wss://host/path?token=…&empty=…'],
    ['wss://[::1]:9/?a=b', 'wss://[::1]:9/?a=…'],
  ])('shows %s as %s', (url, shown) => {
    expect(shownUrl(new URL(url))).toBe(shown)
  })
})

describe('secretsOf()', () => {
  it('names a password and long values in each spelling', () => {
    const secrets = secretsOf(new URL('wss://ann:pass%20word@host/?token=secret%20token&v=1'))
    expect(secrets).toEqual(['pass word', 'pass%20word', 'secret token', 'secret%20token'])
  })
})
