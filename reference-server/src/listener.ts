import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener, type Server as HttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { OptionError, type Options } from './option.ts'

/** How long a client may take before there is a WebSocket, in milliseconds. */
export interface ListenerDeadlines {
  /** For its TLS handshake. */
  readonly handshakeTimeout: number
  /** For the head of its HTTP request. */
  readonly headersTimeout: number
  /** For all of it. */
  readonly requestTimeout: number
  /** How often node looks which requests are overdue. */
  readonly connectionsCheckingInterval?: number
}

const usualDeadlines: ListenerDeadlines = {
  handshakeTimeout: 15_000,
  headersTimeout: 15_000,
  requestTimeout: 15_000,
}

/** Sockets above `maxConnections` that are let in, to be told 503. */
const roomToRefuse = 1000

/**
 * Makes the HTTP server that a signaling server runs by itself, with TLS if the options name a certificate.
 *
 * @param answer - Answers requests that are not for a WebSocket.
 */
export function createListener(
  { tlsCert, tlsKey, maxConnections }: Options,
  answer: RequestListener,
  deadlines: ListenerDeadlines = usualDeadlines,
): HttpServer {
  const listener =
    tlsCert === ''
      ? createHttpServer(deadlines, answer)
      : createTlsListener(tlsCert, tlsKey, answer, deadlines)
  listener.maxConnections = maxConnections + roomToRefuse
  return listener
}

function createTlsListener(
  certFile: string,
  keyFile: string,
  answer: RequestListener,
  deadlines: ListenerDeadlines,
): HttpServer {
  const [cert, key] = [read(certFile), read(keyFile)]
  try {
    return createHttpsServer({ ...deadlines, cert, key }, answer)
  } catch (cause) {
    throw new OptionError(`Cannot use ${certFile} and ${keyFile}: they are not a certificate and its key`, {
      cause,
    })
  }
}

function read(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new OptionError(`Cannot read ${file}: ${(cause as NodeJS.ErrnoException).code ?? 'failed'}`, {
      cause,
    })
  }
}
