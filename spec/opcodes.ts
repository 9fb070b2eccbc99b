/** PROTOCOL §2, the table of opcodes, for the spec's own use. */
export const OP = { HELLO: 10, CHALLENGE: 20, DATA: 30, RESPONSE: 40, DESYNC: 50, TERMINATE: 60 } as const

export const OPCODE_NAMES: Readonly<Record<number, string>> = {
  10: 'CLIENT_HELLO',
  20: 'SERVER_CHALLENGE',
  30: 'CLIENT_DATA',
  40: 'SERVER_AGGR_RESPONSE',
  50: 'KEY_DESYNC_ERROR',
  60: 'TERMINATE',
}

/** What people call it; a number that PROTOCOL does not know is said as such. */
export const opcodeName = (opcode: number): string => OPCODE_NAMES[opcode] ?? `opcode ${opcode}`

export const MAX_ROUND = 0xffffffff // §1: u32

/** 50 and 60 end a session and carry nothing else. */
export const isControl = (opcode: number): boolean => opcode === OP.DESYNC || opcode === OP.TERMINATE
