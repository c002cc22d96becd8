import { misdirected, type SyncDirectory } from '../altered-directory.ts'
import type { Frame, Passage } from '../middleman.ts'
import { tampered, type Mutant, type Mutants } from '../mutant.ts'
import { refusal, textOf } from '../rule.ts'

/** A directory that knows rooms by other names than the kit. */
function renaming(name: string, rename: (room: string) => string): Mutant {
  return misdirected(
    name,
    'rooms.name',
    (inner: SyncDirectory) => ({
      join: (room, member) => inner.join(rename(room), member),
      update: (room, peer, data) => inner.update(rename(room), peer, data),
      leave: (room, peer) => inner.leave(rename(room), peer),
      reach: (room, sender, receiver) => inner.reach(rename(room), sender, receiver),
    }),
    {
      consequences: {
        'frames.exact-names': 'names of rooms are values too',
        'rooms.several': 'two rooms are one',
        'rooms.outsiders': 'members of one room are told of the other',
      },
    },
  )
}

/** Refuses joins of the kit. */
function refusingJoins(code: string, which: (room: string, frame: Frame) => boolean) {
  return () => ({
    toServer: (frame: Frame, passage: Passage) => {
      if (frame['type'] !== 'join' || typeof frame['room'] !== 'string' || !which(frame['room'], frame))
        return true
      passage.toClient(refusal(frame, code))
      return false
    },
  })
}

/** Faults of the names of rooms. */
export const roomNameMutants: Mutants = [
  tampered(
    'refuses names of 128 characters',
    'rooms.name',
    refusingJoins('bad-message', (room) => room.length === 128),
  ),
  tampered(
    'refuses blanks in names',
    'rooms.name',
    refusingJoins('bad-message', (room) => room.includes(' ')),
    { consequences: { 'auth.grants': 'its check asks for a name with a blank' } },
  ),
  tampered(
    'takes names of 129 characters',
    'rooms.name',
    () => ({
      toServer: (frame, passage) => {
        if (frame['type'] !== 'join' || textOf(frame, 'room').length !== 129) return true
        passage.toClient({
          type: 'joined',
          ref: frame['id'],
          room: frame['room'],
          self: { peer: passage.peer },
          members: [],
          revision: 1,
        })
        return false
      },
    }),
    {
      consequences: {
        'frames.shape': 'the reply has such a name',
        'frames.bad-shape': 'a join that its schema refuses is accepted',
      },
    },
  ),
  tampered(
    'takes names beyond ASCII',
    'rooms.name',
    () => ({
      toServer: (frame) =>
        frame['type'] === 'join' && textOf(frame, 'room').includes('é')
          ? { ...frame, room: textOf(frame, 'room').replace('é', 'e') }
          : true,
    }),
    {
      consequences: {
        'rooms.joined': 'the reply names another room',
        'frames.bad-shape': 'a join that its schema refuses is accepted',
        'outcomes.ref': 'its check may send such a join',
      },
    },
  ),
  renaming('takes no notice of upper and lower case', (room) => room.toLowerCase()),
  renaming('decodes percent signs in names', (room) =>
    room.replace(/%[2-7][0-9A-F]/gi, (code) => decodeURIComponent(code)),
  ),
  renaming('reads names of digits as numbers', (room) =>
    /^[-+\d.ex]+$/i.test(room) && Number.isFinite(Number(room)) ? String(Number(room)) : room,
  ),
  renaming('reads a plus sign in a name as a blank', (room) => room.replaceAll('+', ' ')),
  renaming('decodes entities in names', (room) => room.replaceAll('&amp;', '&').replaceAll('&#39;', "'")),
  renaming('tidies slashes in names up', (room) => room.replace(/\/(\.?\/)+/g, '/')),
  renaming('strips blanks from names', (room) => room.trim()),
]
