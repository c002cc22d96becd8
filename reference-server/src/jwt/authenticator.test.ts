import { CompactEncrypt, CompactSign } from 'jose'
import { describe, expect, test } from 'vitest'
import type { Options } from '../option.ts'
import { file, Judge, pair, part, repurposed, secret, secretText, sign } from './jwt.test.support.ts'

const rsa = await pair('RS256')
const other = await pair('RS256')
const ec = await pair('ES256')
const rsaFile = file('rsa.pem', rsa.pem)

const judgeOf = (options: Partial<Options> = {}) => new Judge({ jwtKeyFile: rsaFile, ...options })
const claims = (judge: Judge, more: object = {}) => ({ sub: 'ada', exp: judge.in(60), ...more })
const signed = (judge: Judge, more: object = {}) =>
  sign(claims(judge, more), rsa.privateKey, { alg: 'RS256' })

/** What a judge says of claims that are signed well. */
async function verdictOn(more: object, options: Partial<Options> = {}) {
  const judge = judgeOf(options)
  return judge.verdict(await signed(judge, more))
}

const ada = { user: 'ada', expiresInMs: 65_000 }

describe('jwtAuthenticator() accepts', () => {
  test.each(['HS256', 'HS384', 'HS512'] as const)(
    '%s, with the secret from a file or a text',
    async (alg) => {
      const judges = [
        new Judge({ jwtSecret: secretText, jwtAlgorithms: [alg] }),
        new Judge({ jwtSecretFile: file('secret', `${secretText}\n`), jwtAlgorithms: [alg] }),
        new Judge({ jwtSecretFile: file('secret-crlf', `${secretText}\r\n`), jwtAlgorithms: [alg] }),
        new Judge({ jwtSecretFile: file('secret-bare', secretText), jwtAlgorithms: [alg] }),
      ]
      for (const judge of judges)
        expect(await judge.verdict(await sign(claims(judge), secret, { alg }))).toEqual(ada)
    },
  )

  test.each([
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'PS512',
    'ES256',
    'ES384',
    'ES512',
    'EdDSA',
    'Ed25519',
  ] as const)('%s, with the key from a PEM file or a JSON Web Key Set', async (alg) => {
    const { privateKey, pem, jwk } = await (/^[RP]S/.test(alg) ? repurposed(rsa, alg) : pair(alg))
    const set = JSON.stringify({ keys: [jwk] })
    const judges = [
      new Judge({ jwtKeyFile: file(`${alg}.pem`, pem), jwtAlgorithms: [alg] }),
      new Judge({ jwtJwksFile: file(`${alg}.json`, set), jwtAlgorithms: [alg] }),
    ]
    for (const judge of judges)
      expect(await judge.verdict(await sign(claims(judge), privateKey, { alg }))).toEqual(ada)
  })

  test('either of two keys in a PEM file, whatever name the token gives it', async () => {
    const judge = judgeOf({ jwtKeyFile: file('two.pem', `${other.pem}\n${rsa.pem}\n${ec.pem}`) })
    for (const [key, alg] of [
      [rsa, 'RS256'],
      [other, 'RS256'],
      [ec, 'ES256'],
    ] as const) {
      const token = await sign(claims(judge), key.privateKey, { alg, kid: 'named-elsewhere' })
      expect(await judge.verdict(token)).toEqual(ada)
    }
    const stranger = await pair('RS256')
    expect(await judge.verdict(await sign(claims(judge), stranger.privateKey, { alg: 'RS256' }))).toBe(
      'signature',
    )
  })
})

describe('jwtAuthenticator() refuses', () => {
  test.each(['none', 'None', 'NONE', 'nOnE', '', 0, null, ['RS256'], 'HS1', 'RSA-OAEP', 'constructor'])(
    'a token without signature whose alg is %j',
    async (alg) => {
      const judge = judgeOf()
      const token = `${part({ alg })}.${part(claims(judge))}.`
      expect(await judge.verdict(token)).toMatch(/^(algorithm|malformed)$/)
      const secretly = new Judge({ jwtSecret: secretText })
      expect(await secretly.verdict(token)).toMatch(/^(algorithm|malformed)$/)
    },
  )

  test('HS256 with the public key for a secret, in each form that it has', async () => {
    const judge = judgeOf()
    const der = Buffer.from(rsa.pem.replace(/-----.*?-----|\s/g, ''), 'base64')
    const forms = [rsa.pem, rsa.pem.trim(), `${rsa.pem.trim()}\n`, JSON.stringify(rsa.jwk)].map((text) =>
      Buffer.from(text),
    )
    for (const form of [...forms, der]) {
      expect(await judge.verdict(await sign(claims(judge), form, { alg: 'HS256' }))).toBe('algorithm')
    }
    const set = new Judge({ jwtJwksFile: file('confused.json', JSON.stringify({ keys: [rsa.jwk] })) })
    for (const form of [...forms, der])
      expect(await set.verdict(await sign(claims(set), form, { alg: 'HS256' }))).toBe('algorithm')
  })

  test('an algorithm that is not allowed, though the key would do', async () => {
    const judge = judgeOf()
    expect(await judge.verdict(await sign(claims(judge), secret, { alg: 'HS256' }))).toBe('algorithm')
    for (const alg of ['RS384', 'PS256']) {
      const { privateKey, pem } = await repurposed(rsa, alg)
      const strict = judgeOf({ jwtKeyFile: file('strict.pem', pem) })
      expect(await strict.verdict(await sign(claims(strict), privateKey, { alg }))).toBe('algorithm')
    }
  })

  test('a signature of another key, or over other claims', async () => {
    const judge = judgeOf()
    expect(await judge.verdict(await sign(claims(judge), other.privateKey, { alg: 'RS256' }))).toBe(
      'signature',
    )
    const [head = '', body = '', tail = ''] = (await signed(judge)).split('.')
    for (const forged of [
      `${head}.${part(claims(judge, { sub: 'eve' }))}.${tail}`,
      `${part({ alg: 'RS256', typ: 'JWT' })}.${body}.${tail}`,
      `${head}.${body}.${tail.slice(0, -8)}`,
      `${head}.${body}.`,
    ])
      expect(await judge.verdict(forged)).toBe('signature')
    expect(await judge.verdict(`${head}.${body}.${tail}`)).toEqual(ada)
  })

  test('a key that the token brings itself', async () => {
    const judge = judgeOf()
    const headers = [{ jwk: other.jwk }, { jku: 'http://127.0.0.1:9/' }, { x5u: 'http://127.0.0.1:9/' }]
    for (const header of headers) {
      const token = await sign(claims(judge), other.privateKey, { alg: 'RS256', ...header })
      expect(await judge.verdict(token)).toBe('signature')
    }
  })

  test('a header that is critical, also one that the library knows', async () => {
    const judge = judgeOf()
    const header = { alg: 'RS256', crit: ['parley'], parley: true }
    expect(await judge.verdict(await sign(claims(judge), rsa.privateKey, header, { parley: true }))).toBe(
      'critical-header',
    )
    const b64 = { alg: 'RS256', crit: ['b64'], b64: true as const }
    expect(await judge.verdict(await sign(claims(judge), rsa.privateKey, b64))).toBe('critical-header')
  })

  test('one byte more than it may have', async () => {
    const token = await signed(judgeOf(), { pad: 'x'.repeat(300) })
    expect(await judgeOf({ jwtBytes: token.length }).verdict(token)).toEqual(ada)
    expect(await judgeOf({ jwtBytes: token.length - 1 }).verdict(token)).toBe('too-long')
    const large = await signed(judgeOf(), { pad: 'x'.repeat(9000) })
    expect(await judgeOf().verdict(large)).toBe('too-long')
  })

  test('what is no signed JSON Web Token', async () => {
    const judge = judgeOf()
    const good = await signed(judge)
    const encrypted = await new CompactEncrypt(secret)
      .setProtectedHeader({ alg: 'dir', enc: 'A256CBC-HS512' })
      .encrypt(secret.subarray(0, 64))
    const garbage = [
      'x',
      '.',
      '..',
      '...',
      'a.b',
      'a.b.c',
      `${good}.`,
      `.${good}`,
      ` ${good}`,
      `${good} `,
      `${good}=`,
    ]
    const heads = [part('RS256'), part([]), part(null), part({}), part({ alg: 5 }), '{"alg":"RS256"}', '']
    for (const token of [...garbage, encrypted, ...heads.map((head) => `${head}.${part({})}.AAAA`)])
      expect(await judge.verdict(token), token).toMatch(/^(malformed|signature|algorithm)$/)
    for (const payload of ['"text"', '[]', 'null', '5', '{', '', '{"sub":"\xff"}']) {
      const token = await new CompactSign(Buffer.from(payload, 'latin1'))
        .setProtectedHeader({ alg: 'RS256' })
        .sign(rsa.privateKey)
      expect(await judge.verdict(token), payload).toBe('malformed')
    }
  })
})

describe('jwtAuthenticator() looks at', () => {
  const exact = { jwtToleranceSeconds: 0 }
  test('the times, with the tolerance on both sides', async () => {
    const now = new Judge({ jwtKeyFile: rsaFile }).in(0)
    expect(await verdictOn({ exp: now + 1 }, exact)).toEqual({ user: 'ada', expiresInMs: 1000 })
    expect(await verdictOn({ exp: now }, exact)).toBe('expired')
    expect(await verdictOn({ exp: now - 4 })).toEqual({ user: 'ada', expiresInMs: 1000 })
    expect(await verdictOn({ exp: now - 5 })).toBe('expired')
    expect(await verdictOn({ nbf: now }, exact)).toEqual({ user: 'ada', expiresInMs: 60_000 })
    expect(await verdictOn({ nbf: now + 1 }, exact)).toBe('not-yet-valid')
    expect(await verdictOn({ nbf: now + 5 })).toEqual(ada)
    expect(await verdictOn({ nbf: now + 6 })).toBe('not-yet-valid')
    expect(await verdictOn({ exp: now + 0.25 }, exact)).toEqual({ user: 'ada', expiresInMs: 250 })
    expect(await verdictOn({ exp: 1e300 })).toEqual({ user: 'ada', expiresInMs: Number.MAX_SAFE_INTEGER })
    for (const nbf of ['0', null, true]) expect(await verdictOn({ nbf })).toBe('not-yet-valid')
  })

  test('a time that is over before the answer', async () => {
    const judge = judgeOf(exact)
    const token = await signed(judge, { exp: judge.in(1) })
    judge.clock.advance(999)
    expect(await judge.verdict(token)).toEqual({ user: 'ada', expiresInMs: 1 })
    judge.clock.advance(1)
    expect(await judge.verdict(token)).toBe('expired')
    const fraction = judgeOf(exact)
    const short = await signed(fraction, { exp: fraction.in(0.5) })
    fraction.clock.advance(600)
    expect(await fraction.verdict(short)).toBe('expired')
  })

  test('a token without end, which is good only where that is configured', async () => {
    expect(await verdictOn({ exp: undefined })).toBe('no-expiry')
    expect(await verdictOn({ exp: undefined }, { jwtExpiry: 'optional' })).toEqual({ user: 'ada' })
    for (const exp of ['9999999999', null, true, []]) {
      expect(await verdictOn({ exp })).toBe('no-expiry')
      expect(await verdictOn({ exp }, { jwtExpiry: 'optional' })).toBe('no-expiry')
    }
  })

  test('the issuer', async () => {
    const jwtIssuer = ['https://a.example', 'https://b.example/']
    expect(await verdictOn({ iss: 'https://b.example/' }, { jwtIssuer })).toEqual(ada)
    for (const iss of [undefined, 'https://b.example', 'https://c.example', jwtIssuer, 5])
      expect(await verdictOn({ iss }, { jwtIssuer })).toBe('issuer')
    expect(await verdictOn({ iss: 'anybody' })).toEqual(ada)
  })

  test('the audience, and takes none for another service', async () => {
    const jwtAudience = ['parley', 'parley-test']
    for (const aud of ['parley', ['other', 'parley-test']])
      expect(await verdictOn({ aud }, { jwtAudience })).toEqual(ada)
    for (const aud of [undefined, 'other', [], ['Parley'], 'parley ', { parley: true }])
      expect(await verdictOn({ aud }, { jwtAudience })).toBe('audience')
    for (const aud of ['other', ['other'], [], null]) expect(await verdictOn({ aud })).toBe('audience')
    expect(await verdictOn({})).toEqual(ada)
  })

  test('the user, where it is configured to stand', async () => {
    for (const sub of [undefined, '', 'a\nb', 'é', 'x'.repeat(129), 5, null, ['ada'], { name: 'ada' }])
      expect(await verdictOn({ sub }), JSON.stringify(sub)).toBe('user-claim')
    const at = (jwtUserClaim: string, more: object) => verdictOn(more, { jwtUserClaim })
    expect(await at('email', { email: 'ada@example.com' })).toMatchObject({ user: 'ada@example.com' })
    expect(await at('https://example.com/user.id', { 'https://example.com/user.id': 'ada' })).toEqual(ada)
    expect(await at('/who/a~1b/~0c', { who: { 'a/b': { '~c': 'ada' } } })).toEqual(ada)
    expect(await at('/who/name', { who: 'ada' })).toBe('user-claim')
    expect(await at('/who/0', { who: ['ada'] })).toBe('user-claim')
    expect(await at('/who/name', {})).toBe('user-claim')
    expect(await at('/constructor/name', {})).toBe('user-claim')
    expect(await at('/sub/length', {})).toBe('user-claim')
  })

  const grants = [
    { room: 'lobby', join: true, send: false },
    { prefix: 'team/', join: true, send: true },
  ]

  test('the grants, where they are configured to stand', async () => {
    expect(await verdictOn({ grants })).toEqual({ ...ada, grants })
    expect(await verdictOn({ grants: [] })).toEqual({ ...ada, grants: [] })
    expect(await verdictOn({ parley: { may: grants } }, { jwtGrantsClaim: '/parley/may' })).toEqual({
      ...ada,
      grants,
    })
    expect(await verdictOn({ grants: grants.map((grant) => ({ ...grant, note: 'x' })) })).toEqual({
      ...ada,
      grants,
    })
    expect(await verdictOn({})).toEqual(ada)
    expect(await verdictOn({}, { jwtGrantsClaim: 'toString' })).toEqual(ada) // only what the token says itself
    expect(await verdictOn({}, { jwtGrants: 'required' })).toBe('grants-claim')
    expect(await verdictOn({ grants: [] }, { jwtGrants: 'required' })).toEqual({ ...ada, grants: [] })
  })

  test.each([
    null,
    true,
    0,
    '',
    'all',
    {},
    { prefix: '', join: true, send: true },
    [null],
    ['all'],
    [{}],
    [[]],
    [{ prefix: '', join: true }],
    [{ prefix: '', join: 'yes', send: true }],
    [{ room: 'r', prefix: 'r', join: true, send: true }],
    [{ room: '', join: true, send: true }],
    [{ join: true, send: true }],
    [{ prefix: 'é', join: true, send: true }],
    [...grants, { prefix: '', join: 1, send: 1 }],
  ])('grants of another shape, and allows nothing rather than everything: %j', async (wrong) => {
    expect(await verdictOn({ grants: wrong })).toBe('grants-claim')
  })

  test.each(['all', [grants], null, 5])('a way to the grants that leads through %j', async (parley) => {
    expect(await verdictOn({ parley }, { jwtGrantsClaim: '/parley/may' })).toBe('grants-claim')
  })
})

test('the log tells the reason and the peer, and nothing that stands in the token', async () => {
  const judge = judgeOf({ jwtAudience: ['parley'] })
  const planted = { sub: 'planted-user', iss: 'planted-issuer', aud: 'planted-audience' }
  const tokens = [
    await sign(claims(judge, planted), rsa.privateKey, { alg: 'RS256', kid: 'planted-kid' }),
    await sign(claims(judge, planted), other.privateKey, { alg: 'RS256', kid: 'planted-kid' }),
    `${part({ alg: 'planted-alg', crit: ['planted-crit'] })}.${part(planted)}.planted-signature`,
    `${part({ alg: 'planted-alg' })}.${part(planted)}.planted-signature`,
    'planted.planted.planted',
  ]
  const verdicts = await Promise.all(
    tokens.map((token) => judgeOf({ jwtAudience: ['parley'] }).verdict(token)),
  )
  expect(verdicts).toEqual(['audience', 'signature', 'critical-header', 'algorithm', 'malformed'])
  for (const token of tokens) await judge.verdict(token)
  const written = JSON.stringify(judge.log.lines)
  expect(judge.log.of('a token was refused')).toHaveLength(tokens.length)
  expect(written).not.toContain('planted')
  for (const token of tokens) for (const piece of token.split('.')) expect(written).not.toContain(piece)
})
