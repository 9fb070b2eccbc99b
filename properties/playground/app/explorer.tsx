/** Searches of the model in a worker: everything from here, or the shortest attack on one invariant. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { isSize } from '../../../spec/checker/scope.ts'
import type { Schedule } from '../../../spec/language.ts'
import { n } from '../../harness/terminal/text.ts'
import { type Game, saysOf } from '../game.ts'
import type { Answer, Hunt, Hunted } from '../hunt.ts'
import { Choice, choices, Text } from './fields.tsx'
import type { Told } from './worker.ts'

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly states: number }
  | { readonly kind: 'done'; readonly answer: Answer; readonly goal: string | null; readonly of: Schedule }

const WRONG = 'expected clients x runs x connections x rounds, each 1..9'

const verdict = (h: Hunted, goal: string | null): string => {
  const space = `${n(h.states)} states, ${n(h.transitions)} transitions (${h.scope})`
  if (goal !== null && h.before.includes(goal)) return `${goal} is violated already: go back, or search from the start.`
  if (goal !== null && h.judged.length === 0)
    return `${goal} is about bytes or times, which the model has not: not searched.`
  if (h.attacks.length > 0 && goal !== null) return `Found; ${space}.`
  if (h.attacks.length > 0) return `Violated: ${h.attacks.length} of ${h.judged.length}; ${space}.`
  if (!h.exhausted) return `Not decided: stopped after ${space}.`
  if (goal !== null) return `${goal} holds in all ${space}.`
  const but = h.before.length === 0 ? '' : ` but ${h.before.join(', ')}, violated before,`
  return `Every invariant${but} that the model judges (${h.judged.length}, none about bytes or times) holds in all ${space}.`
}

interface ExplorerProps {
  readonly game: Game
  load(s: Schedule): void
}

export const Explorer = ({ game, load }: ExplorerProps) => {
  const [size, setSize] = useState('1x2x2x2')
  const [goal, setGoal] = useState('A2')
  const [from, setFrom] = useState('here')
  const [state, setState] = useState<State>({ kind: 'idle' })
  const worker = useRef<Worker | null>(null)
  const stop = (): void => {
    worker.current?.terminate()
    worker.current = null
  }
  useEffect(() => stop, [])
  const search = (asked: string | null): void => {
    stop()
    const { schedule, ends } = game
    setState({ kind: 'running', states: 0 })
    const w = new Worker(new URL('worker.js', document.baseURI), { type: 'module' })
    worker.current = w
    w.onmessage = ({ data }: MessageEvent<Told>) => {
      if (data.kind === 'progress') return setState({ kind: 'running', states: data.value.states })
      stop()
      setState({ kind: 'done', answer: data, goal: asked, of: schedule })
    }
    w.onerror = (e) => {
      e.preventDefault()
      stop()
      setState({
        kind: 'done',
        answer: { kind: 'bad', why: `The search failed: ${e.message}` },
        goal: asked,
        of: schedule,
      })
    }
    const hunt: Hunt = { schedule, from: from === 'here' ? ends : null, size, goal: asked }
    w.postMessage(hunt)
  }
  const running = state.kind === 'running'
  const ids = game.judged.map((j) => j.id).toSorted()
  const aim = ids.includes(goal) ? goal : ids[0]!
  return (
    <section aria-labelledby="explorer">
      <h2 id="explorer">Explore</h2>
      <div class="fields">
        <Choice
          label="from"
          value={from}
          options={[
            { value: 'here', text: 'here' },
            { value: 'start', text: 'the start' },
          ]}
          onChange={setFrom}
        />
        <Text label="scope" value={size} onChange={setSize} bad={isSize(size) ? null : WRONG} />
        <button type="button" class="main" disabled={!isSize(size) || running} onClick={() => search(null)}>
          explore
        </button>
      </div>
      <div class="fields">
        <Choice label="shortest attack on" value={aim} options={choices(ids)} onChange={setGoal} />
        <button type="button" disabled={!isSize(size) || running} onClick={() => search(aim)}>
          search
        </button>
        {running && (
          <button
            type="button"
            onClick={() => {
              stop()
              setState({ kind: 'idle' })
            }}
          >
            stop
          </button>
        )}
      </div>
      <div role="status" class="found">
        {state.kind === 'done' && state.of !== game.schedule && <p class="quiet">Of an earlier schedule:</p>}
        {state.kind === 'running' && <p>Searching: {n(state.states)} states.</p>}
        {state.kind === 'done' && state.answer.kind === 'bad' && <p class="warn">{state.answer.why}</p>}
        {state.kind === 'done' && state.answer.kind === 'ok' && (
          <>
            <p>{verdict(state.answer.value, state.goal)}</p>
            <ul class="attacks">
              {state.answer.value.attacks.map((a) => (
                <li key={a.id}>
                  <strong>{a.id}</strong> in {a.schedule.actions.length} actions: {saysOf(a.id)}{' '}
                  <button type="button" onClick={() => load(a.schedule)} aria-label={`play the attack on ${a.id}`}>
                    play it
                  </button>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
      <p class="quiet">The model is the honest protocol, whatever server plays here.</p>
    </section>
  )
}
