import { createHash, randomBytes } from 'node:crypto'
import { decorator } from '../altered-directory.ts'
import type { Frame } from '../middleman.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'
import { startReferenceServer } from '../running-server.ts'

/** Draws ids in its own way; the server draws a peer id and a session secret for each connection, in this order. */
function draws(
  source: (size: number, which: 'peer' | 'session', last: Buffer) => Buffer,
): () => ReturnType<typeof startReferenceServer> {
  return () => {
    let number = 0
    let last: Buffer = Buffer.alloc(0)
    const random = (size: number) => {
      number += 1
      last = source(size, number % 2 === 1 ? 'peer' : 'session', last)
      return last
    }
    return startReferenceServer({}, { random })
  }
}

function swappedCase(text: string): string {
  return text.replace(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  )
}

function reusesPeerIds(): ReturnType<typeof startReferenceServer> {
  const freed: string[] = []
  let drawn = 0
  return startReferenceServer(
    {},
    {
      random: (size) => {
        drawn += 1
        const again = drawn % 2 === 1 ? freed.shift() : undefined
        return again === undefined ? randomBytes(size) : Buffer.from(again, 'base64url')
      },
      decorateDirectory: decorator((inner) => ({
        disconnect: (peer) => {
          freed.push(peer)
          return inner.disconnect(peer)
        },
      })),
    },
  )
}

function countedIds(): () => ReturnType<typeof startReferenceServer> {
  let count = 0
  return draws((size, which) => {
    if (which === 'session') return randomBytes(size)
    count += 1
    const id = Buffer.alloc(size)
    id.writeUInt32BE(count, size - 4)
    return id
  })
}

/** Faults of identity. */
export const identityMutants: Mutants = [
  altered('gives a peer id again once its connection has ended', 'connection.peer-id', reusesPeerIds, {
    consequences: {
      'replaces.new-identity': 'a later connection gets the peer id of an earlier one',
      'delivery.no-gap': 'messages to two peers of one id are counted together',
      'rooms.left-once': 'a peer that has left is there again',
      'rooms.left-last': 'a peer that has left is there again',
      'rooms.rejoin': 'a peer that has left is there again',
      'relay.no-oracle': 'a peer that was connected once is connected again',
      'relay.peer-not-found': 'a peer that has left is there again',
      'rooms.outsiders': 'a peer that has left is there again',
    },
  }),
  altered(
    'gives the peer id as session secret',
    'connection.session-secret',
    draws((size, which, last) => (which === 'session' ? last : randomBytes(size))),
    {
      consequences: {
        'connection.secret-kept': 'a peer id is public',
        'connection.random-ids': 'the secret follows from the peer id',
        'replaces.unknown': 'a peer id is a secret as well',
        'replaces.old-ends': 'a peer id is a secret as well',
      },
    },
  ),
  altered(
    'gives a session secret of 14 characters',
    'connection.session-secret',
    draws((size, which) => randomBytes(which === 'session' ? 10 : size)),
    {
      consequences: {
        'frames.shape': 'a session secret has 16 characters or more',
        'connection.random-ids': 'it carries 80 bits',
      },
    },
  ),
  altered(
    'gives peer ids of 12 characters',
    'connection.peer-id',
    draws((size, which) => randomBytes(which === 'peer' ? 9 : size)),
    {
      consequences: {
        'frames.shape': 'a peer id has 16 characters or more',
        'connection.random-ids': 'it carries 72 bits',
        'websocket.fragments': 'a message to such an id is not valid',
        'limits.refuse-size': 'a message to such an id is not valid',
        'rooms.joined-first': 'a joined with such an id is not valid',
      },
    },
  ),
  altered('counts peer ids', 'connection.random-ids', countedIds()),
  altered(
    'draws 12 bytes',
    'connection.random-ids',
    draws(() => randomBytes(12)),
  ),
  altered(
    'writes the time into session secrets',
    'connection.random-ids',
    draws((size, which) => {
      const id = randomBytes(size)
      if (which === 'session') id.writeBigUInt64BE(BigInt(Date.now()))
      return id
    }),
  ),
  altered(
    'gives the peer id backwards as session secret',
    'connection.random-ids',
    draws((size, which, last) => {
      if (which === 'peer') return randomBytes(size)
      return Buffer.from(Array.from(last.toString('base64url')).reverse().join(''), 'base64url')
    }),
  ),
  altered(
    'gives a hash of the peer id as session secret',
    'connection.random-ids',
    draws((size, which, last) =>
      which === 'peer'
        ? randomBytes(size)
        : createHash('sha256').update(last.toString('base64url')).digest().subarray(0, size),
    ),
  ),
  altered(
    'gives the peer id in the other case as session secret',
    'connection.random-ids',
    draws((size, which, last) =>
      which === 'peer'
        ? randomBytes(size)
        : Buffer.from(swappedCase(last.toString('base64url')), 'base64url'),
    ),
  ),
  altered(
    'draws half of an id and writes it twice',
    'connection.random-ids',
    draws((size) => {
      const half = randomBytes(size / 2)
      return Buffer.concat([half, half])
    }),
  ),
  tampered('shows session secrets in peer-joined', 'connection.secret-kept', () => {
    const sessions = new Map<unknown, unknown>()
    return {
      toClient: (frame) => {
        if (frame['type'] === 'welcome') sessions.set(frame['peer'], frame['session'])
        if (frame['type'] !== 'peer-joined') return true
        const member = frame['member'] as Frame
        return { ...frame, member: { ...member, session: sessions.get(member['peer']) } }
      },
    }
  }),
  tampered('shows session secrets when a connection is replaced', 'connection.secret-kept', () => {
    const sessions = new Map<unknown, unknown>()
    return {
      toClient: (frame) => {
        if (frame['type'] === 'welcome') sessions.set(frame['peer'], frame['session'])
        if (frame['type'] !== 'peer-left' || frame['reason'] !== 'replaced') return true
        return { ...frame, 'com.example.was': `session:${String(sessions.get(frame['peer']))}` }
      },
    }
  }),
]
