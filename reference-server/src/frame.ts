import type { PeerId } from '@parley/schemas'

/** The text of one message on its way out: a string, or its UTF-8 bytes. */
export type Frame = string | Buffer

const openBrace = 0x7b

/** What {@link stampFrom} writes before the members of a message from this peer. */
export function fromStamp(peer: PeerId): Buffer {
  return Buffer.from(`{"from":${JSON.stringify(peer)},`, 'latin1')
}

/**
 * Writes `from` into a message without touching its other bytes.
 *
 * @param frame - The text of a JSON object with at least one member and no `from`.
 * @param stamp - What {@link fromStamp} made for the sender.
 */
export function stampFrom(frame: Buffer, stamp: Buffer): Buffer {
  // relay.members, relay.opaque-sdp, relay.from, relay.beyond-i-json: the very bytes that came, with `from` added
  const members = frame.indexOf(openBrace) + 1
  const stamped = Buffer.allocUnsafe(stamp.length + frame.length - members)
  stamped.set(stamp)
  stamped.set(frame.subarray(members), stamp.length)
  return stamped
}
