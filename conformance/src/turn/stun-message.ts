import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Methods and classes of STUN that an allocation needs: RFC 8489, section 5; RFC 8656, section 17. */
export const stunTypes = {
  allocateRequest: 0x0003,
  allocateSuccess: 0x0103,
  allocateError: 0x0113,
  refreshRequest: 0x0004,
  refreshSuccess: 0x0104,
  refreshError: 0x0114,
  bindingRequest: 0x0001,
  bindingSuccess: 0x0101,
  bindingError: 0x0111,
  createPermissionRequest: 0x0008,
  createPermissionSuccess: 0x0108,
  channelBindRequest: 0x0009,
  channelBindSuccess: 0x0109,
  sendIndication: 0x0016,
  dataIndication: 0x0017,
} as const

/** Attributes by name: RFC 8489, section 18.3; RFC 8656, section 18. */
export const stunAttributes = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  channelNumber: 0x000c,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedTransport: 0x0019,
  xorMappedAddress: 0x0020,
} as const

/** Name of an attribute of {@link stunAttributes}. */
export type StunAttribute = keyof typeof stunAttributes

/** A message of STUN as it was read. */
export interface StunMessage {
  readonly type: number
  /** 12 bytes, which an answer repeats. */
  readonly transaction: Buffer
  /** The first of each kind; those of other kinds are left out. */
  readonly attributes: Readonly<Partial<Record<StunAttribute, Buffer>>>
}

/** Credentials of the long-term mechanism: RFC 8489, section 9.2. */
export interface LongTermKey {
  readonly username: string
  readonly realm: string
  readonly credential: string
}

const cookie = 0x2112a442
const headerBytes = 20
const integrityBytes = 20

const names = new Map(
  (Object.entries(stunAttributes) as [StunAttribute, number][]).map(([name, number]) => [number, name]),
)

/** Draws the id of a transaction. */
export function drawTransaction(): Buffer {
  return randomBytes(12)
}

/**
 * Writes a request.
 *
 * @param key - Signs it with MESSAGE-INTEGRITY, where one is given.
 */
export function writeStun(
  type: number,
  transaction: Buffer,
  attributes: Readonly<Partial<Record<StunAttribute, string | Buffer>>>,
  key?: LongTermKey,
): Buffer {
  const parts = (Object.entries(attributes) as [StunAttribute, string | Buffer][]).map(([name, value]) =>
    attribute(stunAttributes[name], Buffer.from(value)),
  )
  const body = Buffer.concat(parts)
  if (key === undefined) return Buffer.concat([header(type, body.length, transaction), body])
  // The length covers the signature, the signature everything before it: RFC 8489, section 14.5.
  const signed = Buffer.concat([header(type, body.length + 4 + integrityBytes, transaction), body])
  const signature = createHmac('sha1', digest(key)).update(signed).digest()
  return Buffer.concat([signed, attribute(stunAttributes.messageIntegrity, signature)])
}

/** Length of the message that begins these bytes, as its header tells; `undefined` as long as that is not there. */
export function stunLength(bytes: Buffer): number | undefined {
  return bytes.length < 4 ? undefined : headerBytes + bytes.readUInt16BE(2)
}

/** Reads a message; `undefined` for what is none. */
export function readStun(bytes: Buffer): StunMessage | undefined {
  if (bytes.length < headerBytes || bytes.readUInt32BE(4) !== cookie || stunLength(bytes) !== bytes.length)
    return undefined
  const attributes: Partial<Record<StunAttribute, Buffer>> = {}
  for (let place = headerBytes; place + 4 <= bytes.length;) {
    const name = names.get(bytes.readUInt16BE(place))
    const length = bytes.readUInt16BE(place + 2)
    if (place + 4 + length > bytes.length) return undefined
    if (name !== undefined) attributes[name] ??= bytes.subarray(place + 4, place + 4 + length)
    place += 4 + padded(length)
  }
  return { type: bytes.readUInt16BE(0), transaction: bytes.subarray(8, headerBytes), attributes }
}

/** Whether MESSAGE-INTEGRITY of a message is that of the key; false where there is none. */
export function isSignedBy(bytes: Buffer, key: LongTermKey): boolean {
  for (let place = headerBytes; place + 4 <= bytes.length;) {
    const length = bytes.readUInt16BE(place + 2)
    if (bytes.readUInt16BE(place) === stunAttributes.messageIntegrity && length === integrityBytes) {
      const signed = Buffer.from(bytes.subarray(0, place))
      signed.writeUInt16BE(place + 4 + integrityBytes - headerBytes, 2)
      const expected = createHmac('sha1', digest(key)).update(signed).digest()
      return timingSafeEqual(expected, bytes.subarray(place + 4, place + 4 + integrityBytes))
    }
    place += 4 + padded(length)
  }
  return false
}

/** The code and words of ERROR-CODE: RFC 8489, section 14.8. */
export function errorOf({ attributes }: StunMessage): { readonly code: number; readonly reason: string } {
  const value = attributes.errorCode
  if (value === undefined || value.length < 4) return { code: 0, reason: '' }
  return {
    code: ((value[2] ?? 0) & 7) * 100 + (value[3] ?? 0),
    // What a server writes here is shown to people.
    reason: value
      .subarray(4)
      .toString()
      .replace(/[^ -~]/g, '')
      .slice(0, 80),
  }
}

/** `host:port` of an address that is XORed with the cookie: RFC 8489, section 14.2. */
export function addressOf({ transaction }: StunMessage, value: Buffer | undefined): string | undefined {
  if (value === undefined || (value.length !== 8 && value.length !== 20)) return undefined
  const mask = Buffer.concat([writeUInt32(cookie), transaction])
  const port = value.readUInt16BE(2) ^ mask.readUInt16BE(0)
  const bytes = value.subarray(4).map((byte, index) => byte ^ (mask[index] ?? 0))
  if (value.length === 8) return `${[...bytes].join('.')}:${String(port)}`
  const groups = Array.from({ length: 8 }, (_, index) =>
    Buffer.from(bytes)
      .readUInt16BE(index * 2)
      .toString(16),
  )
  return `[${groups.join(':')}]:${String(port)}`
}

/** An address of IPv4, XORed with the cookie, as the value of an attribute: RFC 8489, section 14.2. */
export function writeAddress(address: string, port: number): Buffer {
  const bytes = Buffer.from([0, 1, 0, 0, ...address.split('.').map(Number)])
  bytes.writeUInt16BE(port ^ (cookie >>> 16), 2)
  bytes.writeUInt32BE((bytes.readUInt32BE(4) ^ cookie) >>> 0, 4)
  return bytes
}

/** The value of REQUESTED-TRANSPORT for UDP. */
export const requestedUDP = Buffer.from([17, 0, 0, 0])

/** A number as the value of an attribute. */
export function writeUInt32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function header(type: number, length: number, transaction: Buffer): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt16BE(type, 0)
  bytes.writeUInt16BE(length, 2)
  bytes.writeUInt32BE(cookie, 4)
  return Buffer.concat([bytes, transaction])
}

function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(4 + padded(value.length))
  bytes.writeUInt16BE(type, 0)
  bytes.writeUInt16BE(value.length, 2)
  value.copy(bytes, 4)
  return bytes
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4
}

/** RFC 8489, section 9.2.2: this mechanism, and TURN servers with it, still build on MD5. */
function digest({ username, realm, credential }: LongTermKey): Buffer {
  return createHash('md5').update(`${username}:${realm}:${credential}`).digest()
}
