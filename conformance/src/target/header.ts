import { validateHeaderName, validateHeaderValue } from 'node:http'
import { isElsewhere, readSecret } from './credential.ts'
import { TargetOptionError } from './option-error.ts'

/** What the WebSocket handshake itself is made of (RFC 6455, section 4.1), and what would change where a message ends. */
const ofHandshake =
  /^(connection|upgrade|sec-websocket-.*|content-length|transfer-encoding|te|trailer|expect)$/i

/** Headers whose values are known to be no secrets; to hide a value such as `en` would spoil every report. */
const harmless = /^(accept(-.*)?|cache-control|host|origin|pragma|referer|user-agent)$/i

/**
 * Gets the values of headers from where the user keeps them.
 *
 * @param sources - By name: a value, or `env:NAME`, `file:PATH` or `command:COMMAND` for the whole value.
 * @throws {@link TargetOptionError} or `CredentialError` with a sentence for people, which never holds a value.
 */
export async function readHeaders(
  sources: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const names = Object.keys(sources)
  for (const [index, name] of names.entries()) {
    checkName(name)
    if (names.slice(0, index).some((earlier) => earlier.toLowerCase() === name.toLowerCase()))
      throw new TargetOptionError(`Cannot send the header "${name}": it is given twice`)
  }
  const read = Object.entries(sources).map(async ([name, source]) => {
    const value = await readSecret(source, `header "${name}"`)
    validateHeaderValue(name, value)
    return [name, value] as const
  })
  return Object.fromEntries(await Promise.all(read))
}

function checkName(name: string): void {
  try {
    validateHeaderName(name)
  } catch (cause) {
    throw new TargetOptionError(`Cannot send the header "${name}": this is no name of a header`, { cause })
  }
  if (ofHandshake.test(name))
    throw new TargetOptionError(
      `Cannot send the header "${name}": it is part of the WebSocket handshake itself`,
    )
}

/**
 * What headers hold that must not be shown: values, and within them the credentials of a scheme and the values of cookies.
 *
 * @param sources - Where the values are from: what is kept elsewhere is a secret whatever its name.
 */
export function secretsOfHeaders(
  headers: Readonly<Record<string, string>>,
  sources: Readonly<Record<string, string>>,
): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (harmless.test(name) && !isElsewhere(sources[name] ?? '')) return []
    const parts = /^cookie$/i.test(name)
      ? valuesOfCookies(value)
      : /^(proxy-)?authorization$/i.test(name)
        ? credentialsOf(value)
        : []
    return [value, ...parts]
  })
}

/** Shortest value of a cookie that is looked for: shorter ones, such as `true`, turn up by chance. */
const shortestCookie = 8

function valuesOfCookies(header: string): string[] {
  const values = header.split(/;\s*/).map((pair) => pair.slice(pair.indexOf('=') + 1))
  return values.filter(({ length }) => length >= shortestCookie)
}

/** What follows the scheme in `Authorization`; of Basic (RFC 7617) also the password. */
function credentialsOf(value: string): string[] {
  const [, scheme = '', rest] = /^(\S+)\s+(.*)$/.exec(value) ?? []
  if (rest === undefined) return []
  if (!/^basic$/i.test(scheme)) return [rest]
  const pair = Buffer.from(rest, 'base64').toString('utf8')
  return [rest, pair.slice(pair.indexOf(':') + 1)]
}

/** A header as it may be shown in a command: a value that may be secret only by where it is. */
export function shownHeader(name: string, source: string): string {
  return `${name}: ${isElsewhere(source) || harmless.test(name) ? source : '…'}`
}
