/** A form of forms.ts on the page. */
import { useState } from 'preact/hooks'
import { Choice, choices, Text } from './fields.tsx'
import type { Form, Values } from './forms.ts'

/** What was typed stays as long as it is one of what can be chosen. */
export const valuesOf = <T,>(form: Form<T>, typed: Values): Values =>
  Object.fromEntries(
    form.fields.map(({ name, initial, options }) => {
      const value = typed[name]
      const known = value !== undefined && (options?.some((o) => o.value === value) ?? true)
      return [name, known ? value : initial]
    }),
  )

export const complaintOf = <T,>(form: Form<T>, values: Values): string | null =>
  form.fields.map((f) => f.wrong?.(values[f.name]!) ?? null).find((why) => why !== null) ?? null

export const Fields = <T,>(p: { form: Form<T>; values: Values; onChange(v: Values): void }) => (
  <>
    {p.form.fields.map(({ name, label, options, wrong }) => {
      const value = p.values[name]!
      const change = (to: string): void => p.onChange({ ...p.values, [name]: to })
      return options === null ? (
        <Text key={name} label={label} value={value} onChange={change} bad={wrong?.(value) ?? null} />
      ) : (
        <Choice key={name} label={label} value={value} options={options} onChange={change} />
      )
    })}
  </>
)

/** Several forms, of which one is chosen and sent. */
export const FormOfForms = <T,>(p: {
  label: string
  button: string
  forms: readonly Form<T>[]
  onSend(made: T): void
}) => {
  const [says, choose] = useState(p.forms[0]!.says)
  const [typed, type] = useState<Values>({})
  const form = p.forms.find((f) => f.says === says) ?? p.forms[0]!
  const values = valuesOf(form, typed)
  const bad = complaintOf(form, values)
  const options = choices(p.forms.map((f) => f.says))
  return (
    <form
      class="fields"
      onSubmit={(e) => {
        e.preventDefault()
        if (bad === null) p.onSend(form.make(values))
      }}
    >
      <Choice label={p.label} value={form.says} options={options} onChange={choose} />
      <Fields form={form} values={values} onChange={type} />
      <button type="submit" class="main" disabled={bad !== null}>
        {p.button}
      </button>
    </form>
  )
}
