import { inTurn } from '../in-turn.ts'
import { KitExamination, soundId } from './examination.ts'
import type { CodeMutant } from './instrument.ts'
import { caughtFates, judge, type Judgement } from './judge.ts'
import { patientReach, swiftReach } from './reach.ts'
import { situations } from './situation.ts'

/** Longest that the swift situations may take, in milliseconds. */
const swiftLimitMs = 120_000

/** The same for the patient ones, which wait twice for idleSeconds. */
const patientLimitMs = 200_000

/** Mutants that are looked at patiently at the same time: they hardly do anything but wait. */
const patientPlaces = 24

/** Judges mutants: swiftly at first, and those that survive that patiently. */
export interface Panel {
  /** @returns The judgement; it may take minutes, during which others can be judged. */
  judge(mutant: CodeMutant): { readonly swift: Promise<unknown>; readonly final: Promise<Judgement> }
}

/** A server without a mutant among the others: it has to survive, or no other judgement is worth anything. */
export const soundMutant: CodeMutant = {
  id: soundId,
  file: 'the sound server',
  line: 0,
  source: '',
  mutator: '',
  original: '',
  replacement: '',
  nth: 0,
}

/**
 * Gets to know what the kit does against the sound server.
 *
 * @param entry - The module of the mutated server.
 */
export async function assemblePanel(entry: string): Promise<Panel> {
  const swiftLooks = await swiftReach(entry)
  const swift = new KitExamination(
    entry,
    situations
      .filter(({ look }) => look !== 'patient')
      .map((situation, index) => lookOf(situation, swiftLooks[index])),
    swiftLimitMs,
  )
  const waiting = situations
    .filter(({ look }) => look === 'patient')
    .map(async (situation) => lookOf(situation, await patientReach(entry, situation, swiftLooks)))
  const patient = Promise.all(waiting).then((looks) => new KitExamination(entry, looks, patientLimitMs))
  // Whoever judges hears of it.
  patient.catch(() => undefined)
  const turn = inTurn(patientPlaces)

  const judgePatiently = async (mutant: CodeMutant, first: Judgement): Promise<Judgement> => {
    const examination = await patient
    if (!examination.reaches(mutant)) return first
    const second = await turn(() => judge(mutant, examination))
    return caughtFates.has(second.fate) || first.fate === 'unreached' || second.fate === 'timeout'
      ? second
      : first
  }
  return {
    judge(mutant) {
      const first = judgeSwiftly(mutant, swift)
      const final = first.then((judgement) =>
        judgement.fate === 'no start' || caughtFates.has(judgement.fate)
          ? judgement
          : judgePatiently(mutant, judgement),
      )
      return { swift: first, final }
    },
  }
}

async function judgeSwiftly(mutant: CodeMutant, examination: KitExamination): Promise<Judgement> {
  if (mutant.id !== soundId && !examination.reaches(mutant)) return { mutant, fate: 'unreached' }
  const judgement = await judge(mutant, examination)
  examination.learn(judgement)
  return judgement
}

function lookOf<S, R>(situation: S, reach: R | undefined): { readonly situation: S; readonly reach: R } {
  if (reach === undefined) throw new Error('Cannot begin: a situation has not been looked at')
  return { situation, reach }
}
