/** What is in corpus/vectors/*.json. corpus/vectors/README.md explains every field to people. */
import type { Reason } from '../../../spec/events.ts'
import type { Mode, Side } from '../../../spec/language.ts'
import type { KeysHex } from '../../harness/world/wire.ts'

export const FORMAT = 'gauntlet-vectors-1'

/** One side of a session after a step; `keys` null: there are none, or they are overwritten. */
export interface StateJson {
  readonly phase: 'INIT' | 'ACTIVE' | 'TERMINATED'
  readonly round: number
  readonly outstanding?: boolean // client: a DATA awaits its response
  readonly confirmed?: boolean // server
  readonly keys: KeysHex | null
}

export interface SentJson {
  readonly session: number
  readonly opcode: number
  readonly id: number
  readonly round: number
  readonly direction: number
  readonly random_hex: string // what the sender drew for this frame, in the order in which it drew
  readonly iv_hex: string
  readonly plaintext_hex: string
  readonly aggregate?: { readonly sum: number; readonly count: number; readonly average: number } // opcode 40
  readonly enc_key: string
  readonly mac_key: string
  readonly frame_hex: string
}

/** The keys of the handshake one step at a time, as the server has them while it answers a HELLO (PROTOCOL §4). */
export interface DerivationJson {
  readonly initial: KeysHex
  readonly hello_step: KeysHex
  readonly evolved: KeysHex
  readonly bind_step: KeysHex
}

export type DoJson =
  | { readonly do: 'start'; readonly id: number; readonly text_hex: string }
  | { readonly do: 'submit'; readonly values: readonly number[] }
  | { readonly do: 'receive'; readonly frame_hex: string }
  | { readonly do: 'open' }
  | { readonly do: 'finish' }
  | { readonly do: 'continue'; readonly round: number } // both sides of the session

export type StepJson = DoJson & {
  readonly session: number
  readonly at: Side
  readonly outcome: 'opened' | 'sent' | 'accepted' | 'ended' | 'restored' | 'rounds-exhausted' | Reason
  readonly derivation?: DerivationJson
  readonly sends: readonly SentJson[]
  readonly ends: readonly number[] // sessions whose end at this side is TERMINATED by the step
  readonly after: { readonly client: StateJson | null; readonly server: StateJson | null }
}

export interface ConversationJson {
  readonly name: string
  readonly says: string
  readonly master_keys_hex: Readonly<Record<string, string>>
  readonly challenge_text_hex: string | null // null: fresh, PROTOCOL §5
  readonly steps: readonly StepJson[]
}

export interface CaseJson {
  readonly reason: Reason
  readonly why: string
  readonly prefix?: number // the length prefix before the frame, where it is not the frame's length
  readonly frame_hex: string
  readonly sends: readonly SentJson[]
}

export interface SituationJson extends ConversationJson {
  readonly receiver: { readonly at: Side; readonly session: number; readonly state: StateJson | null }
  readonly cases: readonly CaseJson[]
}

export interface FileJson {
  readonly format: typeof FORMAT
  readonly about: string
  readonly mode: Mode
  readonly conversations?: readonly ConversationJson[]
  readonly situations?: readonly SituationJson[]
}

const WIDTH = 120

/** JSON with a line for whatever fits on one, so that people can read it and a change is a small diff. */
export const format = (value: unknown, indent = ''): string => {
  // JSON keeps the sign of a zero only if somebody writes it; with a point, since some readers take -0 for an integer.
  if (Object.is(value, -0)) return '-0.0'
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const inner = `${indent} `
  const isList = Array.isArray(value)
  const parts = isList
    ? value.map((v) => format(v, inner))
    : Object.entries(value).flatMap(([k, v]) => (v === undefined ? [] : [`${JSON.stringify(k)}: ${format(v, inner)}`]))
  const [open, close] = isList ? '[]' : '{}'
  const line = `${open}${parts.join(', ')}${close}`
  if (indent.length + line.length <= WIDTH && !line.includes('\n')) return line
  const numbers = isList && value.every((v) => typeof v === 'number')
  return numbers ? line : `${open}\n${parts.map((p) => `${inner}${p}`).join(',\n')}\n${indent}${close}`
}
