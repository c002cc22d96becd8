import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '@parley/conformance'
import { describe, expect, test } from 'vitest'
import { childrenOf, startKit, until } from './kit-process.ts'
import { startMiddleman } from './middleman.ts'
import { startSingleUseServer } from './reach/single-use.ts'
import { startReferenceServer, type RunningServer } from './running-server.ts'
import { selfTestTokens } from './self-test-token.ts'

const password = 'planted-password-6611'
const key = 'planted-key-2290'

/** Ways in which a server may write what it was given. */
const spellings: Readonly<Record<string, (secret: string) => string>> = {
  'as it is': (secret) => secret,
  'in upper case': (secret) => secret.toUpperCase(),
  'in hexadecimal': (secret) => Buffer.from(secret).toString('hex'),
  'in base64, with something before': (secret) => Buffer.from(`k:${secret}`).toString('base64'),
  'in base64url': (secret) => Buffer.from(secret).toString('base64url'),
  'percent-encoded': (secret) =>
    Array.from(secret)
      .map((each) => `%${each.charCodeAt(0).toString(16).padStart(2, '0')}`)
      .join(''),
  'as JSON escapes': (secret) =>
    Array.from(secret)
      .map((each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
}

/** Everything that a run of the command prints and writes, in one text. */
async function outputOf(server: RunningServer, args: readonly string[]): Promise<string> {
  await using target = server
  const url = new URL(target.url)
  url.username = 'somebody'
  url.password = password
  url.searchParams.set('key', key)
  const folder = await mkdtemp(join(tmpdir(), 'parley-secret-'))
  const written: string[] = []
  const stream = { write: (text: string) => written.push(text) }
  const tokens = args.includes('--token-command') ? [] : target.tokens.flatMap((token) => ['--token', token])
  const reports = [
    '--json a.json',
    '--html a.html',
    '--junit a.xml',
    '--markdown a.md',
    '--badge a.svg',
  ].flatMap((report) => {
    const [flag = '', name = ''] = report.split(' ')
    return [flag, join(folder, name)]
  })
  try {
    await main([url.href, '--peers', 'none', '--verbose', ...tokens, ...reports, ...args], {
      stdout: stream,
      stderr: stream,
      env: {},
    })
    const files = await readdir(folder)
    expect(files.toSorted()).toEqual(['a.html', 'a.json', 'a.md', 'a.svg', 'a.xml'])
    for (const name of files) written.push(await readFile(join(folder, name), 'utf8'))
  } finally {
    await rm(folder, { recursive: true })
  }
  return written.join('\n')
}

describe('no output or report holds a secret', () => {
  test('of a run in which all is well', async () => {
    const server = await startReferenceServer()
    const { tokens } = server
    const text = await outputOf(server, ['--check', 'connection.welcome,auth.failed,rooms.joined'])
    for (const secret of [password, key, ...tokens]) expect(text).not.toContain(secret)
    expect(text).toContain('…@127.0.0.1')
  })

  test('of a run against a server that repeats all of them in its errors', async () => {
    await using server = await startReferenceServer()
    const everything = [password, key, ...server.tokens].join(' ')
    const middleman = await startMiddleman(server.url, {
      toClient: (frame) => (frame['type'] === 'error' ? { ...frame, message: everything } : true),
    })
    const text = await outputOf({ ...middleman, url: middleman.url, tokens: server.tokens }, [
      '--check',
      'auth.not-echoed,rooms.update-not-in-room',
    ])
    // The frames that show the fault are in the report, with something else in the secrets' place.
    expect(text).toContain('‹part of the URL› ‹part of the URL› ‹token 1› ‹token 2›')
    for (const secret of [password, key, ...server.tokens]) expect(text).not.toContain(secret)
  })

  test('of a run with fresh tokens and headers against a server that repeats them in its errors', async () => {
    await using server = await startSingleUseServer()
    const headers = ['planted-cookie-4410', 'planted-bearer-8125', 'planted-api-key-0937']
    const middleman = await startMiddleman(server.url, {
      toClient: (frame) => {
        const everything = [...headers, ...server.shown.keys()].slice(-40).concat(headers).join(' ')
        return frame['type'] === 'error' ? { ...frame, message: everything } : true
      },
    })
    const [ann = '', bob = ''] = server.commands
    const [cookie = '', bearer = '', apiKey = ''] = headers
    const text = await outputOf({ ...middleman, url: middleman.url, tokens: [] }, [
      ...['--token-command', ann, '--token-command', bob],
      ...['--header', `Cookie: session=${cookie}`, '--header', `Authorization: Bearer ${bearer}`],
      ...['--header', `X-Api-Key: ${apiKey}`],
      ...['--check', 'auth.not-echoed,rooms.update-not-in-room'],
    ])
    expect(text).toMatch(/‹token [12]›/)
    expect(text).toContain('‹header›')
    expect(server.shown.size).toBeGreaterThan(4)
    for (const secret of [...headers, ...server.shown.keys()]) expect(text).not.toContain(secret)
  })

  test('of a server that repeats a token in its refusal before any check', async () => {
    const token = 'planted-token-5518'
    await using server = await startReferenceServer()
    const middleman = await startMiddleman(server.url, {
      toClient: (frame) =>
        frame['type'] === 'welcome' ? { type: 'error', code: token, message: token, fatal: true } : true,
    })
    await using target = middleman
    let text = ''
    const stream = { write: (piece: string) => (text += piece) }
    await main([target.url, '--token', token], { stdout: stream, stderr: stream, env: {} })
    expect(text).toContain('refused hello with ‹token 1›: ‹token 1›')
    expect(text).not.toContain(token)
  })

  test.each(Object.entries(spellings))(
    'of a run against a server that repeats them %s',
    async (_how, spell) => {
      await using server = await startReferenceServer()
      const sessions: string[] = []
      // In another case a session secret, unlike a token, is another one.
      const spellSession = spell('aZ') === 'AZ' ? (secret: string) => secret : spell
      const planted = () => [
        ...[password, key, ...server.tokens].map(spell),
        ...sessions.slice(-2).map(spellSession),
      ]
      const spelt = new Set<string>()
      const everything = () => {
        for (const each of planted()) spelt.add(each)
        return planted().join(' ')
      }
      const middleman = await startMiddleman(server.url, {
        toClient: (frame) => {
          if (frame['type'] === 'welcome') {
            sessions.push(String(frame['session']))
            return { ...frame, agent: { name: spell(key), version: spell(password) } }
          }
          // What is wrong with its shape makes the kit quote it.
          if (frame['type'] === 'pong') return { ...frame, type: `p ${everything()}` }
          return frame['type'] === 'error' ? { ...frame, message: everything() } : true
        },
      })
      const text = await outputOf({ ...middleman, url: middleman.url, tokens: server.tokens }, [
        '--check',
        'auth.not-echoed,rooms.update-not-in-room,connection.pong,capabilities.core-only,connection.welcome',
      ])
      expect(sessions.length).toBeGreaterThan(5)
      expect(spelt.size).toBeGreaterThan(5)
      for (const label of ['part of the URL', 'token 1', 'token 2', 'session'])
        expect(text).toContain(`‹${label}›`)
      const secrets = [password, key, ...server.tokens, ...sessions]
      // Half of one, as what was shortened would hold it, is no better.
      for (const secret of [...secrets, ...spelt])
        expect(text).not.toContain(secret.slice(0, Math.ceil(secret.length / 2)))
    },
  )

  test.each([301, 401, 500])('when the server answers HTTP %d with them', async (status) => {
    const http = createServer()
    http.on('upgrade', ({ url = '' }, socket) => {
      const said = `${decodeURIComponent(url)} ${Buffer.from(password).toString('base64')}`
      socket.end(
        `HTTP/1.1 ${String(status)} ${said}\r\nlocation: https://${password}@other/?k=${key}\r\n` +
          `content-type: text/${key}\r\nwww-authenticate: ${said}\r\ncontent-length: ${String(said.length)}\r\n\r\n${said}`,
      )
    })
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const url = `ws://somebody:${password}@127.0.0.1:${String((http.address() as AddressInfo).port)}/?key=${key}`
    let text = ''
    const stream = { write: (written: string) => (text += written) }
    const code = await main([url, '--verbose'], { stdout: stream, stderr: stream, env: {} })
    http.close()
    expect(code).toBe(4)
    expect(text).toContain(`HTTP ${String(status)}`)
    for (const secret of [password, key, Buffer.from(password).toString('base64')])
      expect(text).not.toContain(secret)
  })

  test('when a connection ends with them as the reason', async () => {
    await using server = await startReferenceServer()
    const [first = ''] = server.tokens
    const middleman = await startMiddleman(server.url, {
      toServer: (frame, passage) => {
        if (frame['type'] !== 'join') return true
        passage.end(4000, `no ${first} ${Buffer.from(key).toString('base64')}`)
        return false
      },
    })
    const text = await outputOf({ ...middleman, url: middleman.url, tokens: server.tokens }, [
      '--check',
      'rooms.joined',
    ])
    expect(text).toContain('close code 4000 (no ‹token 1› ‹part of the URL›)')
    for (const secret of [first, key, Buffer.from(key).toString('base64')]) expect(text).not.toContain(secret)
  })

  test.skipIf(process.platform !== 'linux')('of the processes that hold the peers', async () => {
    await using server = await startReferenceServer()
    await using kit = await startKit(server.url, server.tokens, ['--check', 'relay.delivered'])
    await until(() => childrenOf(kit.pid).length > 0)
    const [child = 0] = childrenOf(kit.pid)
    // It is a copy of the kit until it has become itself.
    await until(() => readFileSync(`/proc/${String(child)}/cmdline`, 'utf8').includes('wrtc-host'))
    const seen = ['cmdline', 'environ']
      .map((name) => readFileSync(`/proc/${String(child)}/${name}`, 'utf8'))
      .join(' ')
    expect(seen).toContain('PATH=')
    for (const { token } of selfTestTokens) expect(seen).not.toContain(token)
    expect(await kit.ended).toBe(3)
  })
})
