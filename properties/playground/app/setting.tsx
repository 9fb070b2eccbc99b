/** Mode, powers, clients: the setup that everything is played in. */
import { MODES, type Schedule } from '../../../spec/language.ts'

const POWERS = [
  ['I', 'insider'],
  ['L', 'leak'],
  ['F', 'faults'],
] as const

interface SettingProps {
  readonly schedule: Schedule
  /** An exercise decides. */
  readonly fixed: boolean
  onChange(s: Schedule): void
}

/** With power I the last client is the insider, as in the model. */
const withPowers = (s: Schedule, powers: string, clients: readonly number[]): Schedule => ({
  ...s,
  powers,
  setup: { ...s.setup, clients, insiders: powers.includes('I') ? clients.slice(-1) : [] },
})

export const Setting = ({ schedule, fixed, onChange }: SettingProps) => {
  const { mode, powers, setup } = schedule
  const toggled = (p: string): string => ['N', ...'ILF'].filter((x) => (x === p) !== powers.includes(x)).join('')
  const theme = (): void => {
    const { dataset } = document.documentElement
    const dark =
      dataset.theme === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : dataset.theme === 'dark'
    dataset.theme = dark ? 'light' : 'dark'
  }
  return (
    <div class="setting">
      <fieldset disabled={fixed}>
        <legend>mode</legend>
        {MODES.map((m) => (
          <label key={m}>
            <input type="radio" name="mode" checked={mode === m} onChange={() => onChange({ ...schedule, mode: m })} />
            {m}
          </label>
        ))}
      </fieldset>
      <fieldset disabled={fixed}>
        <legend>powers beside the network</legend>
        {POWERS.map(([p, name]) => (
          <label key={p}>
            <input
              type="checkbox"
              checked={powers.includes(p)}
              onChange={() => onChange(withPowers(schedule, toggled(p), setup.clients))}
            />
            {p}, {name}
          </label>
        ))}
      </fieldset>
      <fieldset disabled={fixed}>
        <legend>clients</legend>
        {[1, 2, 3].map((count) => (
          <label key={count}>
            <input
              type="radio"
              name="clients"
              checked={setup.clients.length === count}
              onChange={() => onChange(withPowers(schedule, powers, [1, 2, 3].slice(0, count)))}
            />
            {count}
          </label>
        ))}
      </fieldset>
      <button type="button" onClick={theme}>
        light or dark
      </button>
    </div>
  )
}
