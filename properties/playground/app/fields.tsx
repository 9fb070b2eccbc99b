/** The few inputs that the forms are made of. */
import { useId } from 'preact/hooks'

export interface Option {
  readonly value: string
  readonly text: string
}

interface FieldProps {
  readonly label: string
  readonly value: string
  onChange(value: string): void
}

export const Choice = ({ label, value, options, onChange }: FieldProps & { options: readonly Option[] }) => {
  const id = useId()
  return (
    <span class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(e) => onChange(e.currentTarget.value)}>
        {options.map((o) => (
          <option key={o.value} value={o.value}>
            {o.text}
          </option>
        ))}
      </select>
    </span>
  )
}

export const Text = ({ label, value, onChange, bad }: FieldProps & { bad?: string | null }) => {
  const id = useId()
  return (
    <span class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        value={value}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={bad ? true : undefined}
        aria-describedby={bad ? `${id}-bad` : undefined}
        onInput={(e) => onChange(e.currentTarget.value)}
      />
      {bad && (
        <span id={`${id}-bad`} class="bad">
          {bad}
        </span>
      )}
    </span>
  )
}

export const choices = (values: readonly string[]): readonly Option[] => values.map((v) => ({ value: v, text: v }))
