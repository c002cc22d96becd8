import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folderOfTest } from './folder.test.support.ts'
import { defaultOptions, OptionError } from './option.ts'
import { helpText, readCommand } from './option-source.ts'
import { readTokens } from './token-file.ts'

const folder = folderOfTest()
const file = (name: string, content: unknown) => {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}
const options = (words: string[], environment: Record<string, string> = {}) => {
  const command = readCommand(words, environment)
  if (command.kind !== 'serve') throw new Error(command.kind)
  return command.options
}

/** What it says of an option that it refuses; empty where it refuses none. */
function refusalOf(read: () => unknown): string {
  try {
    read()
  } catch (cause) {
    if (cause instanceof OptionError) return cause.message
    throw cause
  }
  return ''
}

describe('readCommand()', () => {
  test('lets a flag go before the environment, that before the file, that before the default', () => {
    const config = file('config.json', { port: 1, membersPerRoom: 3, roomsPerPeer: 5 })
    expect(
      options(['--config', config, '--port=3'], { PARLEY_PORT: '2', PARLEY_MEMBERS_PER_ROOM: '4' }),
    ).toEqual({ ...defaultOptions, port: 3, membersPerRoom: 4, roomsPerPeer: 5 })
    expect(options([], { PARLEY_CONFIG: config }).port).toBe(1)
  })

  test('reads every option from each source', () => {
    const given = {
      ...defaultOptions,
      origins: ['https://a.example', 'https://b.example'],
      logLevel: 'debug',
      path: '/s',
    }
    expect(options(['--config', file('all.json', given)])).toEqual(given)
    expect(
      options(['--origins', 'https://a.example,https://b.example', '--log-level=debug', '--path', '/s']),
    ).toEqual(given)
  })

  test.each([
    [['--nope'], {}, /Unknown option '--nope'/],
    [['--port', '70000'], {}, /Bad value for --port: 70000, expected an integer of 0 to 65535/],
    [['--port', '1e3'], {}, /Bad value for --port: "1e3"/],
    [['--hello-timeout-seconds', '5'], {}, /--hello-timeout-seconds: 5, expected an integer of 10 to 59/],
    [[], { PARLEY_IDLE_SECONDS: '' }, /Bad value for PARLEY_IDLE_SECONDS/],
    [['--config', '/does/not/exist'], {}, /Cannot read the configuration in \/does\/not\/exist: ENOENT/],
    [['--config', file('array.json', [])], {}, /it is not a JSON object/],
    [['--config', file('odd.json', { prot: 1 })], {}, /Unknown option "prot"/],
    [['--config', file('bad.json', { port: '1' })], {}, /Bad value for "port"/],
    [['--tls-cert', 'x'], {}, /tlsCert and tlsKey belong together/],
    [['--ping-seconds=0'], {}, /idleSeconds has to be 120 or more/],
    [
      ['--jwt-secret=planted'],
      {},
      /--jwt-secret would show in the list of processes: give PARLEY_JWT_SECRET/,
    ],
    [['--jwt-secret', 'planted'], {}, /--jwt-secret would show in the list of processes/],
    [[], { PARLEY_JWT_SECRET: '' }, /PARLEY_JWT_SECRET is empty/],
    [[], { PARLEY_TOKENS_FILE: '' }, /PARLEY_TOKENS_FILE is empty/],
    [['--jwt-key-file='], {}, /--jwt-key-file is empty/],
    [
      ['--config', file('secret.json', { jwtSecret: ['planted'] })],
      {},
      /Bad value for "jwtSecret".*not a text/,
    ],
    [['--jwt-algorithms', 'RS256,none'], {}, /Bad value for --jwt-algorithms: \["RS256","none"\]/],
    [
      ['--jwt-expiry', 'maybe'],
      {},
      /Bad value for --jwt-expiry: "maybe", expected exp: required or optional/,
    ],
  ])('refuses %j %j in one line', (words, environment, expected) => {
    const message = refusalOf(() => readCommand(words, environment))
    expect(message).toMatch(expected)
    expect(message).not.toContain('\n')
    expect(message).not.toContain('planted')
  })

  test('reads what is about tokens from each source, the secret from no flag', () => {
    expect(options([], { PARLEY_JWT_SECRET: 's' }).jwtSecret).toBe('s')
    expect(options(['--config', file('jwt.json', { jwtSecret: 's' })]).jwtSecret).toBe('s')
    const words = ['--jwt-key-file=k', '--jwt-algorithms=RS256,PS256', '--jwt-audience', 'a,b']
    expect(options(words)).toMatchObject({
      jwtKeyFile: 'k',
      jwtAlgorithms: ['RS256', 'PS256'],
      jwtAudience: ['a', 'b'],
    })
  })

  test.each([undefined, 'address', 'auth', 'calls', 'ice', 'resume'] as const)(
    'shows a help that fits a screen (%s)',
    (topic) => {
      const lines = helpText(topic).split('\n')
      expect(lines.join()).not.toContain('--jwt-secret ')
      expect(lines.length).toBeLessThanOrEqual(29)
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
    },
  )
})

describe('readTokens()', () => {
  test('reads a list of tokens', () => {
    const tokens = [{ token: 't', user: 'u', grants: [{ room: 'r', join: true, send: true }], expiresAt: 5 }]
    expect(readTokens(file('tokens.json', tokens))).toEqual(tokens)
  })

  test.each([
    ['{"token":"s3cret"}', 'the whole of it: expected array'],
    ['[{"token":"s3cret"}]', '/0/user: expected required property'],
    ['[{"s3cret":"u","token":"t","user":"u"}]', '/0: a member that is not known'],
    ['[{"token":"t","user":"u"},{"token":"s3cret","user":5}]', '/1/user: expected string'],
    ['s3cret', 'it is not JSON'],
  ])('refuses %s without repeating it, and says where the fault is', (content, fault) => {
    const path = file('broken.json', content)
    const text = refusalOf(() => readTokens(path))
    expect(text).toContain(`Cannot read the tokens in ${path}: ${fault}`)
    expect(text).not.toContain('s3cret')
    if (fault.includes(':')) expect(text).toContain('It takes a list such as [{"token":')
  })
})
