import type { Frame, Passage, Rule } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { isValid, textOf, without } from '../rule.ts'

/** Longest data that is sure to be within the limits of the server behind, in characters. */
const sureToFit = 500

const keyOf = (frame: Frame) => `data in ${textOf(frame, 'room')}`

/** Notes the memberships of the kit's peers. */
const followsMembership: Rule = (frame, { notes }) => {
  if (frame['type'] === 'joined') notes.set(keyOf(frame), JSON.stringify((frame['self'] as Frame)['data']))
  if (frame['type'] === 'left') notes.delete(keyOf(frame))
  return true
}

/** Whether the data of a member's message is what it has said last in that room; notes what it says now. */
function saysNothingNew(frame: Frame, { notes }: Passage): boolean {
  const said = JSON.stringify(frame['data'])
  if (!('data' in frame) || !isValid(frame) || !notes.has(keyOf(frame)) || said.length > sureToFit)
    return false
  const isKnown = notes.get(keyOf(frame)) === said
  notes.set(keyOf(frame), said)
  return isKnown
}

/** Whether an update has the data that the member has joined with, after one that had another; notes what it says. */
function goesBack(frame: Frame, { notes }: Passage): boolean {
  const [said, last] = [JSON.stringify(frame['data']), `last ${keyOf(frame)}`]
  if (!isValid(frame) || said.length > sureToFit) return false
  const isBack = notes.get(keyOf(frame)) === said && (notes.get(last) ?? said) !== said
  notes.set(last, said)
  return isBack
}

/** Faults with data that does not change. */
export const equalDataMutants: Mutants = [
  tampered('announces no update that changes nothing', 'rooms.equal-data', () => ({
    toClient: followsMembership,
    toServer: (frame, passage) => {
      if (frame['type'] !== 'update' || !saysNothingNew(frame, passage)) return true
      if ('id' in frame) passage.toClient({ type: 'ok', ref: frame['id'] })
      return false
    },
  })),
  tampered('announces no update that goes back to the data of the join', 'rooms.equal-data', () => ({
    toClient: followsMembership,
    toServer: (frame, passage) => {
      if (frame['type'] !== 'update' || !goesBack(frame, passage)) return true
      if ('id' in frame) passage.toClient({ type: 'ok', ref: frame['id'] })
      return false
    },
  })),
  tampered('announces no data of a second join that changes nothing', 'rooms.equal-data', () => ({
    toClient: followsMembership,
    toServer: (frame, passage) =>
      frame['type'] === 'join' && saysNothingNew(frame, passage) ? without(frame, 'data') : true,
  })),
]
