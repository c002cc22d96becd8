import { afterEach, describe, expect, test, vi } from 'vitest'
import { readHeaders, secretsOfHeaders, shownHeader } from './header.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('readHeaders()', () => {
  test('takes values from where they are', async () => {
    vi.stubEnv('MY_COOKIE', 'session=abc')
    const sources = { Origin: 'https://app.example', cookie: 'env:MY_COOKIE', 'X-Key': 'command:echo made' }
    expect(await readHeaders(sources)).toEqual({
      Origin: 'https://app.example',
      cookie: 'session=abc',
      'X-Key': 'made',
    })
  })

  test.each([
    ['a b', 'x', /"a b": this is no name of a header/],
    ['Sec-WebSocket-Protocol', 'x', /"Sec-WebSocket-Protocol": it is part of the WebSocket handshake itself/],
    ['connection', 'close', /part of the WebSocket handshake/],
    ['Cookie', '', /Cannot use the header "Cookie" from the option: it is empty/],
    ['Cookie', 'planted\r\nX-Other: 1', /more than one line/],
    ['Cookie', 'env:PARLEY_NO_SUCH_VARIABLE', /"PARLEY_NO_SUCH_VARIABLE" is not set/],
    ['Cookie', 'command:echo planted; exit 3', /the command ended with 3/],
  ])('refuses %s: %s without telling the value', async (name, source, words) => {
    await expect(readHeaders({ [name]: source })).rejects.toThrow(words)
    await expect(readHeaders({ [name]: source })).rejects.not.toThrow(/planted/)
  })

  test('refuses one name twice, in whatever case', async () => {
    await expect(readHeaders({ Cookie: 'a', cookie: 'b' })).rejects.toThrow(/"cookie": it is given twice/)
  })
})

describe('secretsOfHeaders()', () => {
  const basic = `Basic ${Buffer.from('ann:pass:word').toString('base64')}`
  test.each([
    ['Origin', 'https://app.example', []],
    ['User-Agent', 'kit', []],
    ['X-Key', 'value', ['value']],
    ['authorization', 'Bearer abc', ['Bearer abc', 'abc']],
    ['Authorization', basic, [basic, basic.slice(6), 'pass:word']],
    ['Cookie', 'a=true; b=12345678', ['a=true; b=12345678', '12345678']],
  ])('of %s: %s', (name, value, secrets) => {
    expect(secretsOfHeaders({ [name]: value }, { [name]: value })).toEqual(secrets)
  })

  test('takes what is kept elsewhere for a secret whatever its name', () => {
    expect(secretsOfHeaders({ Origin: 'https://a' }, { Origin: 'env:X' })).toEqual(['https://a'])
  })
})

test('shownHeader() shows where a secret is, and what is none', () => {
  expect(shownHeader('Cookie', 'planted')).toBe('Cookie: …')
  expect(shownHeader('Cookie', 'env:X')).toBe('Cookie: env:X')
  expect(shownHeader('Origin', 'https://a')).toBe('Origin: https://a')
})
