import { rmSync } from 'node:fs'
import { open, rm, type FileHandle } from 'node:fs/promises'
import type { RunResult } from '../engine/result.ts'
import { atExit } from '../last-act.ts'
import { reportKinds, type ReportRequest } from './report-kind.ts'

/** A report cannot be written where it is to go. */
export class ReportFileError extends Error {
  override name = 'ReportFileError'
}

/** Files that are open for the reports of a run. */
export interface ReportFiles extends AsyncDisposable {
  /** Writes every report, whole: also what is known of a run that was ended early. */
  write(result: RunResult): Promise<void>
}

/** Where standard output goes, and which file is only added to. */
export interface ReportPlaces {
  readonly stdout: { write(text: string): unknown }
  /** A file that others write to, too, such as the job summary of a CI: reports are added to its end. */
  readonly appendTo?: string | undefined
}

interface OpenReport {
  readonly request: ReportRequest
  readonly file: FileHandle | undefined
  /** Whether the file was made by this run. */
  readonly fresh: boolean
}

/**
 * Opens the files before the run: a result that cannot be written would be found out too late. Until something is written, what is in them
 * stays; a file that was made for nothing is removed.
 *
 * @throws {@link ReportFileError}
 */
export async function openReports(
  requests: readonly ReportRequest[],
  { stdout, appendTo }: ReportPlaces,
): Promise<ReportFiles> {
  const reports: OpenReport[] = []
  let written = false
  const revoke = atExit(() => {
    for (const { request, fresh } of reports) if (fresh && !written) rmSync(request.path, { force: true })
  })
  const close = async () => {
    revoke()
    for (const { request, file, fresh } of reports) {
      await file?.close()
      if (fresh && !written) await rm(request.path, { force: true })
    }
  }
  try {
    for (const request of requests) reports.push(await openReport(request))
  } catch (error) {
    await close()
    throw error
  }
  return {
    write: async (result) => {
      written = true
      for (const { request, file } of reports) {
        const text = reportKinds[request.kind](result, request.path)
        if (!file) stdout.write(text)
        else if (request.path === appendTo) await file.appendFile(text)
        else await replace(file, text)
      }
    },
    [Symbol.asyncDispose]: close,
  }
}

async function openReport(request: ReportRequest): Promise<OpenReport> {
  const { path } = request
  if (path === '-') return { request, file: undefined, fresh: false }
  try {
    return { request, file: await open(path, 'ax'), fresh: true }
  } catch {
    // It is there already, or cannot be made: the next attempt tells which.
  }
  try {
    return { request, file: await open(path, 'a'), fresh: false }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new ReportFileError(`Cannot write the ${request.kind} report to "${path}": ${code}`, { cause })
  }
}

/** Only a plain file can be emptied; a pipe or a terminal just takes the text. */
async function replace(file: FileHandle, text: string): Promise<void> {
  if ((await file.stat()).isFile()) await file.truncate()
  await file.writeFile(text)
}
