import type { RunResult } from '../engine/result.ts'
import { badgeReport } from './badge.ts'
import { htmlReport } from './html/page.ts'
import { junitReport } from './junit.ts'
import { markdownReport } from './markdown.ts'

/** A report that can be written to a file. */
export type ReportKind = 'json' | 'junit' | 'html' | 'markdown' | 'badge'

/** The reports that can be written to a file: each is a view of the one result. */
export const reportKinds: Readonly<Record<ReportKind, (result: RunResult, path: string) => string>> = {
  json: (result) => `${JSON.stringify(result, null, 2)}\n`,
  junit: (result) => junitReport(result),
  html: (result) => htmlReport(result),
  markdown: (result) => markdownReport(result),
  badge: badgeReport,
}

/** A report that was asked for, and where it goes; `-` is standard output. */
export interface ReportRequest {
  readonly kind: ReportKind
  readonly path: string
}
