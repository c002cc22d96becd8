import { ConnectError, type Transport } from './transport.ts'
import { webSocketTransport } from './websocket.ts'
import { shownUrl } from '../target/shown-url.ts'

/** Every binding that the kit speaks; a further one is a file and a line here. */
const transports: readonly Transport[] = [webSocketTransport]

/**
 * Chooses the binding by a URL's scheme.
 *
 * @throws {@link ConnectError} when no binding has that scheme.
 */
export function transportFor(url: URL): Transport {
  const transport = transports.find(({ schemes }) => schemes.includes(url.protocol))
  if (transport) return transport
  const known = transports.flatMap(({ schemes }) => schemes).map((scheme) => `${scheme}//`)
  const instead = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const meant = /^https?:$/.test(url.protocol)
    ? `${instead}//${url.host}${url.pathname}`
    : url.host === ''
      ? `ws://${url.href}`
      : undefined
  const hint = meant === undefined ? '' : ` (did you mean ${meant} ?)`
  throw new ConnectError(
    'bad-url',
    `Cannot test "${shownUrl(url)}": the scheme has to be one of ${known.join(', ')}${hint}`,
  )
}
