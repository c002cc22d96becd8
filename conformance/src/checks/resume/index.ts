import type { Check } from '../../engine/check.ts'
import { acknowledgingChecks } from './acknowledging.ts'
import { callsMeanwhileChecks } from './calls-meanwhile.ts'
import { sessionEndChecks } from './ending.ts'
import { meanwhileChecks } from './meanwhile.ts'
import { numberingChecks } from './numbering.ts'
import { resumeRefusalChecks } from './refusal.ts'
import { resumingChecks } from './resuming.ts'

/** Checks of spec/resume.md. */
export const resumeChecks: readonly Check[] = [
  ...numberingChecks,
  ...acknowledgingChecks,
  ...resumingChecks,
  ...meanwhileChecks,
  ...callsMeanwhileChecks,
  ...resumeRefusalChecks,
  ...sessionEndChecks,
]
