import { describe, expect, test } from 'vitest'
import { help, readCliOptions } from './cli-options.ts'
import { UsageError } from './commands/arguments.ts'

function read(...args: string[]) {
  return readCliOptions(args, {})
}

describe('readCliOptions()', () => {
  test('takes the URL and leaves the rest at its default', () => {
    expect(read('ws://127.0.0.1:1/')).toMatchObject({
      url: 'ws://127.0.0.1:1/',
      tokens: [],
      checks: [],
      timeoutScale: 1,
      concurrency: undefined,
      peers: 'wrtc',
      exhaustive: false,
    })
  })

  test('reads tokens from the environment only when no flag gives one', () => {
    const env = { PARLEY_TOKEN: 'a', PARLEY_TOKEN_2: 'b' }
    expect(readCliOptions([], env).tokens).toEqual(['env:PARLEY_TOKEN', 'env:PARLEY_TOKEN_2'])
    expect(readCliOptions(['--token', 'file:x'], env).tokens).toEqual(['file:x'])
  })

  test('reads headers by name, and the variables of tokens only without a command for them', () => {
    expect(read('--header', 'Origin: https://a', '--header', 'Cookie:env:X').headers).toEqual({
      Origin: 'https://a',
      Cookie: 'env:X',
    })
    const env = { PARLEY_TOKEN: 'a' }
    const options = readCliOptions(['--token-command', 'x', '--ca', 'f', '--ca', 'g'], env)
    expect(options).toMatchObject({ tokens: [], tokenCommands: ['x'], ca: ['f', 'g'] })
  })

  test('takes checks one by one and with commas', () => {
    expect(read('--check', 'a.b,c.d', '--check', 'e.f').checks).toEqual(['a.b', 'c.d', 'e.f'])
  })

  test('takes capabilities one by one and with commas', () => {
    expect(read('--capability', 'drain,custom', '--capability', 'x').capabilities).toEqual([
      'drain',
      'custom',
      'x',
    ])
    expect(read().capabilities).toEqual([])
  })

  test.each([
    [['--no-such-flag'], /--no-such-flag/],
    [['ws://a/', 'ws://b/'], /more than one URL.*ws:\/\/b\//],
    [['--timeout-scale', 'fast'], /--timeout-scale "fast".*0.05 to 100/],
    [['--timeout-scale', '0'], /--timeout-scale "0"/],
    [['--timeout-scale', ''], /--timeout-scale ""/],
    [['--concurrency', '1.5'], /--concurrency "1.5".*whole number/],
    [['--concurrency', '129'], /--concurrency "129".*1 to 128/],
    [['--peers', 'pion'], /--peers "pion".*none or wrtc/],
    [['--token', 'a', '--token', 'b', '--token', 'c'], /more than two tokens/],
    [['--token-command', 'a', '--token-command', 'b', '--token-command', 'c'], /more than two tokens/],
    [['--token', 'a', '--token-command', 'b'], /--token and --token-command together/],
    [['--header', 'no colon'], /--header: it has to be "Name: value"/],
    [['--token'], /--token/],
    [['--json'], /--json/],
    [['--html', ''], /--html ""/],
    [['--json', 'x', '--junit', 'x'], /two reports to "x": --json and --junit/],
    [['--badge', 'badge.png'], /--badge "badge.png".*\.svg or \.json/],
  ])('refuses %j with a sentence', (args, words) => {
    expect(() => read(...args)).toThrow(UsageError)
    expect(() => read(...args)).toThrow(words)
  })
})

test('help fits a screen of 80 columns and 40 lines', () => {
  expect(help.trimEnd().split('\n').length).toBeLessThanOrEqual(40)
  expect(Math.max(...help.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80)
})
