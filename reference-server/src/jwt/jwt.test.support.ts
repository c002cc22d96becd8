import { writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import {
  exportJWK,
  exportPKCS8,
  exportSPKI,
  generateKeyPair,
  importPKCS8,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose'
import { TestClock } from '../client.test.support.ts'
import { folderOfTest } from '../folder.test.support.ts'
import type { Log } from '../log.ts'
import { defaultOptions, type Options } from '../option.ts'
import type { Authentication } from '../authentication.ts'
import { jwtAuthenticator } from './authenticator.ts'

const folder = folderOfTest()

/** Writes a file, and gives its path. */
export function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

/** A secret that is long enough for each algorithm. */
export const secretText = 'planted-secret-that-is-long-enough-for-each-of-the-three-algorithms'

/** The secret as a key. */
export const secret = new TextEncoder().encode(secretText)

/** A pair of keys, in the forms that tests need. */
export interface Pair {
  readonly privateKey: CryptoKey
  readonly pem: string
  readonly jwk: JWK
}

/** Makes a pair of keys. */
export async function pair(algorithm: string, kid?: string): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), ...(kid === undefined ? {} : { kid }) }
  return { privateKey, pem: await exportSPKI(publicKey), jwk }
}

/** The same RSA keys for another algorithm: new ones take long. */
export async function repurposed(from: Pair, algorithm: string): Promise<Pair> {
  return { ...from, privateKey: await importPKCS8(await exportPKCS8(from.privateKey), algorithm) }
}

/** Signs claims. */
export function sign(
  claims: JWTPayload,
  key: CryptoKey | Uint8Array,
  header: JWTHeaderParameters,
  crit?: Record<string, boolean>,
): Promise<string> {
  const jwt = new SignJWT(claims).setProtectedHeader(header)
  return crit === undefined ? jwt.sign(key) : jwt.sign(key, { crit })
}

/** A part of a token, as it is written. */
export function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** A log that can be read. */
export class TestLog implements Log {
  readonly lines: { readonly level: string; readonly fields: object; readonly text: string }[] = []
  #on(level: string) {
    return (fields: object, text: string) => void this.lines.push({ level, fields, text })
  }
  readonly debug = this.#on('debug')
  readonly info = this.#on('info')
  readonly warn = this.#on('warn')
  readonly error = this.#on('error')

  /** The fields of the lines with a text. */
  of(text: string): object[] {
    return this.lines.filter((line) => line.text === text).map(({ fields }) => fields)
  }
}

/** Judges tokens, at a time that a test turns, and remembers what was logged. */
export class Judge {
  readonly clock = new TestClock()
  readonly log = new TestLog()
  readonly #judge

  constructor(options: Partial<Options>) {
    this.#judge = jwtAuthenticator({ ...defaultOptions, ...options }, this.clock, this.log)
  }

  /** Seconds since the epoch, so many from now. */
  in(seconds: number): number {
    return this.clock.now() / 1000 + seconds
  }

  /** What a token is worth, or why it is refused. */
  async verdict(token: string): Promise<Authentication | string> {
    const before = this.log.lines.length
    const found = await this.#judge(token, 'peer-of-this-test')
    const refused = this.log.lines.slice(before).filter(({ text }) => text === 'a token was refused')
    if (found !== undefined) return refused.length === 0 ? found : 'both accepted and refused'
    const [line] = refused
    const { reason, ...others } = (line?.fields ?? {}) as { readonly reason?: string }
    if (JSON.stringify(others) !== '{"peer":"peer-of-this-test"}') return `logs ${JSON.stringify(others)}`
    return reason ?? 'no reason'
  }
}

/** What a server of keys does with a request. */
export type Behaviour = (response: ServerResponse) => void

/** A server of a JSON Web Key Set whose keys and behaviour change. */
export interface KeyServer extends AsyncDisposable {
  readonly url: string
  keys: JWK[]
  /** In place of the answer. */
  behaviour: Behaviour | undefined
  requests: number
}

/** Starts a server of keys on the loopback. */
export async function startKeyServer(...keys: JWK[]): Promise<KeyServer> {
  const http = createServer((_request, response) => {
    state.requests += 1
    if (state.behaviour !== undefined) state.behaviour(response)
    else response.end(JSON.stringify({ keys: state.keys }))
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const state: KeyServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/keys?secret=planted-query`,
    keys,
    behaviour: undefined,
    requests: 0,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
  return state
}
