/** Exit code of a step of the gate that did not look at everything, for lack of a tool: `EX_TEMPFAIL` of `sysexits.h`. */
export const notRunExitCode = 75
