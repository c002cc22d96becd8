/** Where a STUN or TURN server is, and how to speak to it: RFC 7064, RFC 7065. */
export interface TurnURL {
  readonly scheme: 'stun' | 'stuns' | 'turn' | 'turns'
  /** Without brackets. */
  readonly host: string
  readonly port: number
  /** `dtls` is asked for by `turns:` with `transport=udp`. */
  readonly transport: 'udp' | 'tcp' | 'tls' | 'dtls'
}

const form = /^(stuns?|turns?):(?:\[([0-9A-Fa-f:.]+)\]|([^:?[\]]+))(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/

/** Reads a URL; `undefined` for one that names no server. */
export function readTurnURL(url: string): TurnURL | undefined {
  const [, scheme, address, name, port, transport] = form.exec(url) ?? []
  const host = address ?? name
  if (scheme === undefined || host === undefined || Number(port ?? 1) > 65_535) return undefined
  const secure = scheme.endsWith('s')
  const byDefault = secure ? 'tcp' : 'udp'
  const chosen = transport ?? byDefault
  return {
    scheme: scheme as TurnURL['scheme'],
    host,
    port: Number(port ?? (secure ? 5349 : 3478)),
    transport: secure ? (chosen === 'udp' ? 'dtls' : 'tls') : (chosen as 'udp' | 'tcp'),
  }
}
