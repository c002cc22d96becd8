import type { Hunt } from './hunt.ts'

/** Which check found which fault, as a table of plain text: one line for each mutant, in the order of the requirements. */
export function killTable(hunts: readonly Hunt[]): string {
  const rows = hunts
    .map(({ mutant, killers, strays }) => ({
      fate: killers.length === 0 ? 'SURVIVED' : strays.length > 0 ? 'stray' : 'killed',
      requirement: mutant.breaks,
      fault: mutant.name,
      by: killers.map(({ id }) => id.replace(`${mutant.breaks}:`, ':')).join(' '),
    }))
    .toSorted((a, b) => a.requirement.localeCompare(b.requirement) || a.fault.localeCompare(b.fault))
  const width = (column: 'requirement' | 'fault') => Math.max(0, ...rows.map((row) => row[column].length))
  const [requirement, fault] = [width('requirement'), width('fault')]
  const lines = rows.map((row) =>
    `${row.fate.padEnd(8)}  ${row.requirement.padEnd(requirement)}  ${row.fault.padEnd(fault)}  ${row.by}`.trimEnd(),
  )
  const killed = rows.filter(({ fate }) => fate === 'killed').length
  return [
    ...lines,
    `kill table: ${String(killed)} of ${String(rows.length)} mutants killed by the right check alone`,
  ].join('\n')
}
