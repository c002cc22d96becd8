import { inTurn } from '../in-turn.ts'
import { KitExamination, soundId, type Look } from './examination.ts'
import type { CodeMutant } from './instrument.ts'
import { caughtFates, judge, type Judgement } from './judge.ts'
import { Lineup } from './lineup.ts'
import { remembered } from './reach-memory.ts'
import { patientReach, swiftReach, type Reach } from './reach.ts'
import { situations, type Situation } from './situation.ts'

/** Longest that the swift situations may take, in milliseconds. */
const swiftLimitMs = 300_000

/** The same for the patient ones, which wait twice for idleSeconds. */
const patientLimitMs = 300_000

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
 * @param earlier - What became of mutants before: the checks that caught them are asked first.
 * @param isHasty - Whether the most promising checks alone are asked: who is not caught by them stays `open`.
 */
export async function assemblePanel(
  entry: string,
  earlier: readonly Judgement[],
  isHasty: boolean,
): Promise<Panel> {
  const before = await remembered(entry, () => swiftReach(entry))
  const lineup = new Lineup(entry, before.atLoad)
  const swift = new KitExamination(lineup, looksOf(isSwift, before.reach), swiftLimitMs, isHasty)
  for (const judgement of earlier) swift.learn(judgement)
  if (isHasty)
    return {
      judge(mutant) {
        const final = judgeSwiftly(mutant, swift).then((judgement): Judgement =>
          judgement.fate === 'survived' ? { mutant, fate: 'open' } : judgement,
        )
        return { swift: final, final }
      },
    }
  const patient = Promise.all(
    situations
      .filter((situation) => !isSwift(situation))
      .map((situation) => patientReach(entry, situation, before)),
  ).then(
    (reach) =>
      new KitExamination(
        lineup,
        looksOf((situation) => !isSwift(situation), reach),
        patientLimitMs,
      ),
  )
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
  if (!examination.reaches(mutant)) return { mutant, fate: 'unreached' }
  const judgement = await judge(mutant, examination)
  examination.learn(judgement)
  return judgement
}

function isSwift({ look }: Situation): boolean {
  return look !== 'patient'
}

function looksOf(wanted: (situation: Situation) => boolean, reach: readonly Reach[]): readonly Look[] {
  return situations.filter(wanted).flatMap((situation, index) => {
    const own = reach[index]
    return own === undefined ? [] : [{ situation, reach: own }]
  })
}
