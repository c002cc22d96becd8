import { createHash } from 'node:crypto'
import { createServer, connect, type AddressInfo, type Socket } from 'node:net'

/** How a network path treats what goes over it. */
export interface Impairment {
  /** Milliseconds that a round trip takes longer. */
  readonly roundTripMs?: number
  /** Most milliseconds that a piece takes longer still, drawn anew for each; order is kept, as TCP does. */
  readonly jitterMs?: number
  /** Milliseconds by which everything comes late that the server sends. */
  readonly answersLateMs?: number
  /** How many connections, from the first on, are spared from that: the kit measures the round trip on one. */
  readonly promptConnections?: number
  /** Most milliseconds for which one of the first pieces of a connection is held back, in one direction or the other, with all behind it. */
  readonly holdsMs?: number
  /** Whether what is written is cut and joined at random places. */
  readonly fragments?: boolean
  /** Repeats what is drawn. */
  readonly seed?: string
}

/** A path to a server that is worse than the loopback. */
export interface ImpairedPath extends AsyncDisposable {
  /** Where to connect instead. */
  readonly url: string
}

/**
 * Puts a TCP proxy in front of a server.
 *
 * @param url - The server's, with an explicit port.
 */
export async function impairedPath(url: string, impairment: Impairment): Promise<ImpairedPath> {
  const target = new URL(url)
  const draw = draws(impairment.seed ?? 'path')
  const sockets = new Set<Socket>()
  let connections = 0
  const proxy = createServer((near) => {
    connections += 1
    const lateMs = connections > (impairment.promptConnections ?? 0) ? (impairment.answersLateMs ?? 0) : 0
    const far = connect(Number(target.port), target.hostname)
    const heldWay = draw(2)
    for (const [way, [from, to, extraMs]] of (
      [
        [near, far, 0],
        [far, near, lateMs],
      ] as const
    ).entries()) {
      sockets.add(from)
      from.setNoDelay(true)
      carry(from, to, way === heldWay ? impairment : { ...impairment, holdsMs: 0 }, extraMs, draw)
      from.on('close', () => sockets.delete(from))
    }
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as AddressInfo
  const near = new URL(target)
  near.hostname = '127.0.0.1'
  near.port = String(port)
  return {
    url: near.href,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}

/** Pieces of a connection of which one is held back: many connections have no more. */
const heldAmong = 12

/** Passes one direction on: every piece late, none before an earlier one. */
function carry(from: Socket, to: Socket, impairment: Impairment, extraMs: number, draw: Draw): void {
  const { roundTripMs = 0, jitterMs = 0, holdsMs = 0, fragments = false } = impairment
  let untilHeld = holdsMs === 0 ? Infinity : draw(heldAmong)
  const due: { readonly at: number; readonly act: () => void }[] = []
  let timer: NodeJS.Timeout | undefined
  let latest = 0
  const run = () => {
    timer = undefined
    while (due[0] && due[0].at <= performance.now()) due.shift()?.act()
    if (due[0]) timer = setTimeout(run, due[0].at - performance.now())
  }
  const later = (act: () => void) => {
    const jitter = jitterMs === 0 ? 0 : draw(Math.round(jitterMs * 1000)) / 1000
    const held = untilHeld === 0 ? draw(holdsMs) : 0
    untilHeld -= 1
    latest = Math.max(latest, performance.now() + roundTripMs / 2 + extraMs + jitter + held)
    due.push({ at: latest, act })
    if (!timer) run()
  }
  from.on('data', (data: Buffer) => {
    for (const piece of fragments ? cut(data, draw) : [data]) {
      later(() => {
        if (to.writable) to.write(piece)
      })
    }
  })
  from.on('end', () => {
    later(() => {
      to.end()
    })
  })
  from.on('error', () => {
    later(() => {
      to.resetAndDestroy()
    })
  })
  from.on('close', () => {
    later(() => {
      to.destroy()
    })
  })
}

/** A few pieces of any length: a head may be cut from its payload, two frames may share a piece. */
function cut(data: Buffer, draw: Draw): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < data.length;) {
    const length = draw(8) === 0 ? 1 + draw(4) : 1 + draw(3000)
    pieces.push(data.subarray(at, at + length))
    at += length
  }
  return pieces
}

/** An integer from 0 to `below` - 1. */
type Draw = (below: number) => number

function draws(seed: string): Draw {
  let counter = 0
  return (below) => {
    counter += 1
    return (
      createHash('sha256')
        .update(`${seed} ${String(counter)}`)
        .digest()
        .readUInt32BE() % below
    )
  }
}
