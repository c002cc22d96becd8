import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener, type Server as HttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { OptionError, type Options } from './option.ts'

/** A client has to send the head of its HTTP request within these milliseconds. */
const deadlines = { headersTimeout: 15_000, requestTimeout: 15_000 }

/** A TLS handshake has to end within these milliseconds. */
const handshakeTimeout = 15_000

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
): HttpServer {
  const listener =
    tlsCert === '' ? createHttpServer(deadlines, answer) : createTlsListener(tlsCert, tlsKey, answer)
  listener.maxConnections = maxConnections + roomToRefuse
  return listener
}

function createTlsListener(certFile: string, keyFile: string, answer: RequestListener): HttpServer {
  const [cert, key] = [read(certFile), read(keyFile)]
  try {
    return createHttpsServer({ ...deadlines, handshakeTimeout, cert, key }, answer)
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
