import type { ServerOptions } from '@parley/reference-server'
import { startReferenceServer, type RunningServer } from './running-server.ts'
import { startWireMiddleman, type Wire, type WireFrame } from './wire-middleman.ts'

const textOpcode = 1
const pingOpcode = 9

/**
 * Starts a good server that writes as the reference server and the minimal server do not: with other spellings of the same JSON, unknown
 * members, every message in fragments, and pings all the time; that acknowledges by itself, before whatever else it says where `resume` is
 * in force; and that refuses unread what it may.
 *
 * @param options - No `tokens` in the list: nobody needs to authenticate.
 */
export async function startContraryServer(options: ServerOptions = {}): Promise<RunningServer> {
  const server = await startReferenceServer(options)
  const middleman = await startWireMiddleman(server.url, { toClient: inPieces })
  return {
    url: middleman.url,
    tokens: server.tokens,
    ...(server.drain ? { drain: server.drain } : {}),
    [Symbol.asyncDispose]: async () => {
      await middleman[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** Every ping takes the kit a pong: whoever counts them or gives up over them would cut a good server's connection. */
function inPieces(frame: WireFrame, wire: Wire): true | readonly WireFrame[] {
  if (frame.opcode !== textOpcode || !frame.fin) return true
  const text = frame.payload.toString('utf8')
  return [...acknowledged(text, wire), shapeFirst(unread(text))].flatMap(piecesOf)
}

function piecesOf(text: string): readonly WireFrame[] {
  const payload = Buffer.from(respelled(text))
  const middle = Math.floor(payload.length / 2)
  const ping: WireFrame = { opcode: pingOpcode, fin: true, payload: Buffer.from('still there?') }
  return [
    ping,
    { opcode: textOpcode, fin: false, payload: payload.subarray(0, middle) },
    ping,
    { opcode: 0, fin: false, payload: Buffer.alloc(0) },
    { opcode: 0, fin: true, payload: payload.subarray(middle) },
  ]
}

/** What the server has acknowledged last, once more: an `ack` may come at any time, and may be late ([ack.sent]). */
function acknowledged(text: string, { notes }: Wire): readonly string[] {
  const { type, ack, capabilities } = JSON.parse(text) as Record<string, unknown>
  const last = notes.get('ack')
  if (ack !== undefined) notes.set('ack', ack)
  else if (type === 'welcome' && 'resume' in (capabilities as object)) notes.set('ack', 0)
  return last === undefined ? [] : [JSON.stringify({ type: 'ack', ack: last })]
}

/**
 * What is not I-JSON is refused unread: the error knows neither `id` nor anything else of the message ([outcomes.ref] asks for it within
 * I-JSON alone).
 */
function unread(text: string): string {
  const message = JSON.parse(text) as Record<string, unknown>
  if (message['code'] !== 'bad-message' || !/lone surrogate|than a double/.test(String(message['message'])))
    return text
  const { type, code, fatal } = message
  return JSON.stringify({ type, code, message: 'Cannot read the frame: not I-JSON', fatal })
}

/** Where more than one error applies any will do ([errors.any-that-applies]): a member `ack` is as wrong as the type that it stands in ([frames.hop-members]). */
function shapeFirst(text: string): string {
  const message = JSON.parse(text) as Record<string, unknown>
  const isHop = message['of'] === 'ack' || message['of'] === 'resume'
  if (message['code'] !== 'unsupported-type' || !isHop) return text
  return JSON.stringify({ ...message, code: 'bad-message' })
}

const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[,:]/gs

/** The same JSON object as a serialiser of another language may write it, with a vendor's member more. */
export function respelled(text: string): string {
  const spelled = text.replace(tokens, (token) => {
    if (token === ',') return ',\n\t'
    if (token === ':') return ' : '
    if (token.startsWith('"')) return token.replace(/\\.|[^\\]/gs, escaped)
    return /^-?\d{1,15}$/.test(token) ? `${token}.0` : token
  })
  return `\n${spelled.replace(/\}\s*$/, ',"com.example.trace":{"hops":[1e0,null]}}\n')}`
}

function escaped(character: string): string {
  if (character === '/') return '\\/'
  if (character.length > 1 || character <= '~') return character
  return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
}
