import { afterEach, expect, test, vi } from 'vitest'
import { startReferenceServer } from '../running-server.ts'
import { makeAuthority } from './authority.ts'
import { startReverseProxy } from './reverse-proxy.ts'
import { runMain } from './run-main.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

test('headers go with every handshake, and their values into no output', async () => {
  const certificate = await (await makeAuthority()).certify('127.0.0.1')
  await using server = await startReferenceServer()
  await using proxy = await startReverseProxy(server.url, '/', certificate)
  vi.stubEnv('MY_COOKIE', 'session=planted-cookie-31')
  const headers = {
    Origin: 'https://app.example',
    Cookie: 'env:MY_COOKIE',
    Authorization: 'Bearer planted-bearer-77',
    Host: 'inner.example',
    'User-Agent': 'nightly/1',
  }
  const flags = Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`])
  // Without a token it cannot run, which shows how to repeat it.
  const args = [proxy.url, '--insecure', '--check', 'rooms.joined', '--json', '-', ...flags]
  const { text, code } = await runMain(args)
  expect(code).toBe(3)
  expect(proxy.handshakes.length).toBeGreaterThan(0)
  for (const handshake of proxy.handshakes) {
    expect(handshake).toMatchObject({
      origin: 'https://app.example',
      cookie: 'session=planted-cookie-31',
      authorization: 'Bearer planted-bearer-77',
      host: 'inner.example',
      'user-agent': 'nightly/1',
    })
  }
  expect(text).not.toContain('planted')
  for (const shown of ['Origin: https://app.example', 'Cookie: env:MY_COOKIE', 'Authorization: …'])
    expect(text).toContain(`--header '${shown}'`)
})

test.each([
  ['Cookie', /Cannot use a --header: it has to be "Name: value"/],
  [': x', /Cannot use a --header/],
  ['Bad Name: x', /"Bad Name": this is no name of a header/],
  ['Upgrade: x', /"Upgrade": it is part of the WebSocket handshake itself/],
  ['Cookie: env:PARLEY_NO_SUCH_VARIABLE', /"PARLEY_NO_SUCH_VARIABLE" is not set/],
  ['Cookie:', /"Cookie" from the option: it is empty/],
])('--header %j is wrong usage', async (header, words) => {
  const { text, code } = await runMain(['ws://127.0.0.1:1/', '--header', header])
  expect(text).toMatch(words)
  expect(code).toBe(2)
})

test('the same --header twice is wrong usage', async () => {
  const twice = ['--header', 'Cookie: planted-1', '--header', 'Cookie: planted-2']
  const { text, code } = await runMain(['ws://127.0.0.1:1/', ...twice])
  expect(text).toMatch(/"Cookie": it is given twice/)
  expect(text).not.toContain('planted')
  expect(code).toBe(2)
})
