import type { Certificate } from './authority.ts'
import { RequestError, Server } from 'proxy-chain'

/** A proxy that clients connect through. */
export interface ForwardProxy extends AsyncDisposable {
  /** Its URL, with the credentials that it asks for. */
  readonly url: string
  /** `host:port` of everything that it was asked to connect to, in order. */
  readonly asked: string[]
}

/** What a proxy asks of its clients, and refuses to them. */
export interface ForwardProxyRules {
  readonly user?: string
  readonly password?: string
  /** Refuses to connect anywhere, with HTTP 403. */
  readonly refuses?: boolean
  /** Speaks TLS. */
  readonly certificate?: Certificate
}

/** Starts a proxy that understands CONNECT. */
export async function startForwardProxy(rules: ForwardProxyRules = {}): Promise<ForwardProxy> {
  const { user = '', password = '', refuses = false, certificate } = rules
  const asked: string[] = []
  const proxy = new Server({
    ...(certificate ? { serverType: 'https', httpsOptions: certificate } : { serverType: 'http' }),
    host: '127.0.0.1',
    port: 0,
    prepareRequestFunction: ({ hostname, port, username, password: given, request }) => {
      if (request.method === 'CONNECT') asked.push(`${hostname}:${String(port)}`)
      if (refuses) throw new RequestError('not there', 403)
      return { requestAuthentication: username !== user || given !== password }
    },
  })
  await proxy.listen()
  const credentials = user === '' ? '' : `${user}:${encodeURIComponent(password)}@`
  return {
    url: `${certificate ? 'https' : 'http'}://${credentials}127.0.0.1:${String(proxy.port)}`,
    asked,
    [Symbol.asyncDispose]: () => proxy.close(true),
  }
}
