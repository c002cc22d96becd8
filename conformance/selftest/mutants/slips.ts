import { edited } from '../edited.ts'
import type { Mutants } from '../mutant.ts'

/** Consequences of a room of which not everybody is told. */
const untold = {
  'rooms.members': 'a walk sees it',
  'rooms.several': 'a walk sees it',
  'rooms.left-once': 'a walk sees it',
  'rooms.peer-joined': 'a walk sees it',
  'rooms.update': 'the room may be large',
} as const

/** Slips in the text of the minimal server. */
export const slipMutants: Mutants = [
  edited(
    'wants something after the prefix of a grant',
    'auth.grants',
    'isString(grant.prefix) && room.startsWith(grant.prefix)',
    'isString(grant.prefix) && room.startsWith(grant.prefix) && room.length > grant.prefix.length',
  ),
  edited(
    'keeps the place of a replaced peer',
    'rooms.full',
    'room.delete(connection.peer)',
    'if (reason !== "replaced") room.delete(connection.peer); else Object.assign(own, { connection: { ended: true, peer: "gone_00000000000000000000" } })',
    {
      membersPerRoom: 8,
      consequences: {
        'rooms.members': 'the peer is still there',
        'rooms.known-first': 'others hear of it',
        'replaces.before-welcome': 'the peer is still there',
        'rooms.left-once': 'the peer is still there',
        'rooms.empty': 'the peer is still there',
        'relay.no-oracle': 'the peer is still there',
      },
    },
  ),
  edited(
    'tells only six members who comes',
    'rooms.peer-joined',
    'for (const member of this.#rooms.get(name).values()) {',
    "for (const member of [...this.#rooms.get(name).values()].slice(0, message.type === 'peer-joined' ? 6 : undefined)) {",
    { consequences: { 'rooms.known-first': 'they hear of it all the same' } },
  ),
  edited(
    'tells only six members of an update',
    'rooms.update',
    'for (const member of this.#rooms.get(name).values()) {',
    "for (const member of [...this.#rooms.get(name).values()].slice(0, message.type === 'peer-updated' ? 6 : undefined)) {",
  ),
  edited(
    'tells only six members who leaves',
    'rooms.leave',
    'for (const member of this.#rooms.get(name).values()) {',
    "for (const member of [...this.#rooms.get(name).values()].slice(0, message.type === 'peer-left' ? 6 : undefined)) {",
    { consequences: untold },
  ),
  edited(
    'lists only six members',
    'rooms.members',
    'members: members.map(describe)',
    'members: members.slice(0, 6).map(describe)',
  ),
  edited(
    'says of a former member that it has left',
    'relay.no-oracle',
    'if (receiver === undefined || receiver.connection === connection)',
    `if (receiver === undefined && room.former?.has(message.to)) throw new Refusal('peer-not-found', 'That member has left')
    if (receiver === undefined || receiver.connection === connection)`,
    {
      also: [
        'room.delete(connection.peer)',
        'room.former = (room.former ?? new Set()).add(connection.peer); room.delete(connection.peer)',
      ],
    },
  ),
  edited(
    'merges updates of objects',
    'rooms.update',
    'own.data = message.data',
    'own.data = isObject(own.data) && isObject(message.data) ? { ...own.data, ...message.data } : message.data',
  ),
  edited(
    'normalises the data of an update',
    'rooms.update',
    'own.data = message.data',
    "own.data = JSON.parse(JSON.stringify(message.data).normalize('NFC'))",
  ),
  edited(
    'normalises the data of a join',
    'rooms.rejoin-data',
    'own.data = data // [',
    "own.data = JSON.parse(JSON.stringify(data).normalize('NFC')) // [",
    { consequences: { 'rooms.joined': 'self shows other data', 'rooms.peer-joined': 'the data is another' } },
  ),
  edited(
    'takes the first offered subprotocol for the only one',
    'websocket.subprotocol',
    "offered.split(',').some(",
    "offered.split(',').slice(0, 1).some(",
  ),
  edited(
    'takes seq and ack where hello named resume',
    'frames.hop-members',
    '    checkShape(message)\n',
    '    const { seq, ack, ...rest } = message; checkShape(connection.resume ? rest : message)\n',
    {
      also: [
        'connection.greetedAt = performance.now()',
        'Object.assign(connection, { greetedAt: performance.now(), resume: message.capabilities?.resume })',
      ],
      consequences: { 'frames.shape': 'what is delivered holds the member' },
    },
  ),
  edited(
    'says nothing of a connection that it ended itself for a frame',
    'rooms.lost',
    "ws.on('error', () => this.#drop(connection))",
    "ws.on('error', () => (connection.ended = true))",
    {
      consequences: {
        'connection.end-noticed': 'nobody is told',
        'limits.refuse-size': 'nobody is told',
        'websocket.utf8': 'nobody is told',
      },
    },
  ),
  edited(
    'takes an escaped from away in hangups',
    'frames.forged-from',
    '    checkShape(message)\n',
    "    if (message.type === 'hangup' && frame.includes('u0066rom')) delete message.from\n    checkShape(message)\n",
  ),
]
