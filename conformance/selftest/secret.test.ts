import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '@parley/conformance'
import { describe, expect, test } from 'vitest'
import { startMiddleman } from './middleman.ts'
import { startSingleUseServer } from './reach/single-use.ts'
import { startReferenceServer, type RunningServer } from './running-server.ts'

const password = 'planted-password-6611'
const key = 'planted-key-2290'

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
})
