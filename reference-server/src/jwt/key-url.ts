import { OptionError } from '../option.ts'

/** Milliseconds that an endpoint has: an `auth` that waits for it is due within 5 s. */
const answerDeadline = 3000

/** Bytes that a JSON Web Key Set may have. */
const setBytes = 1_048_576

const loopback = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/**
 * Reads the URL of a JSON Web Key Set.
 *
 * @throws {@link OptionError} for one that is not HTTPS, unless its host is the loopback.
 */
export function readKeyUrl(text: string): URL {
  if (!URL.canParse(text)) throw new OptionError('Cannot use jwtJwksUrl: it is not a URL')
  const url = new URL(text)
  if (url.username !== '' || url.password !== '')
    throw new OptionError('Cannot use jwtJwksUrl: it holds a user or password')
  if (url.protocol === 'https:' || (url.protocol === 'http:' && loopback.test(url.hostname))) return url
  throw new OptionError(
    `Cannot use jwtJwksUrl "${nameOf(url)}": it has to begin with https:, save on this machine`,
  )
}

/** A URL as the log may show it: a query may hold a secret. */
export function nameOf({ origin, pathname, protocol }: URL): string {
  return `${origin === 'null' ? protocol : origin}${pathname}`
}

/**
 * Fetches JSON, without following a redirection: the keys come from the host that was configured, or not at all.
 *
 * @param deadline - Milliseconds.
 * @throws {@link FetchFailure}, whose message says in a few words what went wrong, and holds nothing that came.
 */
export async function fetchKeySet(url: URL, deadline = answerDeadline): Promise<unknown> {
  const signal = AbortSignal.timeout(deadline)
  let text: string
  try {
    const headers = { accept: 'application/jwk-set+json, application/json' }
    const response = await fetch(url, { headers, redirect: 'manual', signal })
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new FetchFailure(`status ${response.status}`)
    }
    text = await bodyOf(response)
  } catch (cause) {
    if (cause instanceof FetchFailure) throw cause
    if (signal.aborted) throw new FetchFailure(`no answer within ${deadline} ms`)
    throw new FetchFailure(causeOf(cause))
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new FetchFailure('no JSON')
  }
}

/** Keys could not be fetched; the message may be logged. */
export class FetchFailure extends Error {
  override readonly name = 'FetchFailure'
}

async function bodyOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    if (bytes > setBytes) throw new FetchFailure(`more than ${setBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** What `fetch` says is "fetch failed"; the reason stands below it. */
function causeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'failed'
  const { code } = (cause.cause ?? {}) as NodeJS.ErrnoException
  return code ?? cause.name
}
