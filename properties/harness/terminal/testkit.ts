/** A screen that remembers, for tests of commands in their own process. */
import type { Screen } from './command.ts'
import { unpainted } from './text.ts'

export interface Recorded {
  readonly screen: Screen
  out(): string
  err(): string
}

export const recordedScreen = (): Recorded => {
  const said: string[] = []
  const complaints: string[] = []
  return {
    screen: {
      say: (text) => void said.push(text),
      complain: (text) => void complaints.push(text),
      paint: unpainted,
      progress: () => ({ show() {}, clear() {} }),
    },
    out: () => said.join('\n'),
    err: () => complaints.join('\n'),
  }
}
