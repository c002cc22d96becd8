import { randomBytes } from 'node:crypto'
import { runConformance } from '@parley/conformance'
import { describe, expect, test } from 'vitest'
import { blemishes } from './blemish.ts'
import { runMain } from './run-main.ts'
import { startSingleUseServer } from './single-use.ts'

/** Milliseconds that a whole run may take on a machine that is busy with other things: it starts some 800 commands. */
const wholeRunMs = 240_000

const fresh = (user: string) => () => `planted-${user}-${randomBytes(12).toString('hex')}`

describe('a server that takes each token once', () => {
  test(
    'the whole wire run is as it is with lasting tokens',
    async () => {
      await using server = await startSingleUseServer()
      const { url, commands } = server
      const result = await runConformance({ url, tokenCommands: commands, peers: 'none' })
      expect(blemishes(result)).toEqual([])
      expect(result.summary.pass).toBeGreaterThan(300)
      expect(server.shown.size).toBeGreaterThan(300)
      // Nothing that could not do with one use was passed over in silence: no token was shown twice.
      expect([...server.shown.values()].filter((times) => times > 1)).toEqual([])
    },
    wholeRunMs,
  )

  test('one token for all is told as what it is', async () => {
    await using server = await startSingleUseServer()
    const { url } = server
    const result = await runConformance({
      url,
      tokens: [fresh('ann')()],
      checks: ['rooms.joined'],
      peers: 'none',
    })
    expect(result.verdict).toBe('incomplete')
    expect(result.checks.find(({ id }) => id === 'rooms.joined:self')).toMatchObject({
      verdict: 'could-not-run',
      reason:
        'The server refused a token that it had accepted: auth-failed. If a token is good for one connection, give --token-command',
    })
  })

  test('functions do as well', async () => {
    await using server = await startSingleUseServer()
    const { url } = server
    const tokenCommands = [fresh('ann'), () => Promise.resolve(fresh('bob')())]
    const result = await runConformance({ url, tokenCommands, checks: ['auth.user-mismatch'], peers: 'none' })
    expect(blemishes(result)).toEqual([])
    expect(result.summary.pass).toBe(2)
  })

  test('the command line takes it, and says how a check is repeated', async () => {
    await using server = await startSingleUseServer()
    const [ann = ''] = server.commands
    // Without peers this one cannot run, so there is something to repeat.
    const check = ['--check', 'delivery.order:glare-inside-a-call', '--peers', 'none']
    const args = [server.url, '--token-command', ann, ...check, '--json', '-']
    const { text, code } = await runMain(args)
    expect(code).toBe(3)
    expect(text).toContain('could-not-run')
    expect(text).toContain('--token-command')
    expect(server.shown.size).toBeGreaterThan(0)
    for (const token of server.shown.keys()) expect(text).not.toContain(token)
  })
})

describe('a command that does not do its part', () => {
  test.each([
    ['echo planted-output; exit 3', 2, /Cannot get a token: the command ended with 3/],
    ['true', 2, /Cannot use the token from the command: it is empty/],
    ['no-such-command-here', 2, /Cannot get a token: the command ended with 127/],
    ['echo planted-output', 3, /does not accept a token \(auth-failed\): check --token/],
  ])('%s is told before any check', async (command, expected, words) => {
    await using server = await startSingleUseServer()
    const { text, code } = await runMain([server.url, '--token-command', command])
    expect(text).toMatch(words)
    expect(text).not.toContain('planted-output')
    expect(code).toBe(expected)
  })

  test('tokens of different users are refused', async () => {
    await using server = await startSingleUseServer()
    let turn = 0
    const tokenCommands = [() => fresh((turn += 1) % 2 === 0 ? 'ann' : 'bob')()]
    const run = runConformance({ url: server.url, tokenCommands, peers: 'none' })
    await expect(run).rejects.toThrow(/fresh tokens of different users.*"bob" and "ann"/)
  })

  test('what it does not give in the run could not run, and is no fault of the server', async () => {
    await using server = await startSingleUseServer()
    let turn = 0
    const maker = () => {
      turn += 1
      if (turn > 2) throw new TypeError('planted-output')
      return fresh('ann')()
    }
    const result = await runConformance({
      url: server.url,
      tokenCommands: [maker],
      checks: ['rooms.joined:self'],
      peers: 'none',
    })
    expect(result.checks.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['could-not-run', 'Cannot get a token: the function threw (TypeError)'],
    ])
    expect(JSON.stringify(result)).not.toContain('planted-output')
  })

  test('together with a token it is wrong usage', async () => {
    const { text, code } = await runMain(['ws://127.0.0.1:1/', '--token-command', 'true', '--token', 'x'])
    expect(text).toMatch(/Cannot use --token and --token-command together/)
    expect(code).toBe(2)
  })
})
