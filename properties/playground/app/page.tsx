/** The playground: one schedule, played anew after every change, and everything that is seen of it. */
import './jitless.ts'
import { render } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Action, Edit, Mode, Schedule } from '../../../spec/language.ts'
import type { MakeParty } from '../../harness/parties/party.ts'
import { srcParty } from '../../harness/parties/src.ts'
import { printable, wordsOf } from '../../harness/terminal/text.ts'
import { systemOf } from '../../harness/world/system.ts'
import { EXERCISES, type Exercise, gradeOf, startOf } from '../exercises.ts'
import { emptySchedule, gameOf, nameOfRef } from '../game.ts'
import { fileOf, hashOf, readSchedule, sharedIn } from '../link.ts'
import { Board } from './board.tsx'
import { Exercises } from './exercises.tsx'
import { Explorer } from './explorer.tsx'
import { FormOfForms } from './form.tsx'
import { actionForms } from './forms.ts'
import { FramePanel } from './frame-panel.tsx'
import { Happened } from './happened.tsx'
import { Judgement, Verdict } from './judgement.tsx'
import { ScheduleList } from './schedule.tsx'
import { Setting } from './setting.tsx'

interface Table {
  readonly says: string // of the file it came from
  readonly exercise: Exercise | null
  readonly server: MakeParty
  readonly schedule: Schedule
}

const serverOf = async (x: Exercise | null): Promise<MakeParty> => {
  if (x === null) return srcParty
  const file = new URL(`exercises/${x.mutant}.js`, document.baseURI).href
  return ((await import(file)) as { readonly server: MakeParty }).server
}

const HONEST = systemOf('src', srcParty, srcParty)

const START: Table = {
  says: 'a schedule of the playground',
  exercise: null,
  server: srcParty,
  schedule: emptySchedule('bound'),
}

type Chosen = {
  readonly frame: number
  readonly edit: Edit['do'] | null
  readonly from: number | null
  readonly key: number
}

const Page = () => {
  const [table, setTable] = useState<Table>(START)
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const [aside, setAside] = useState<ReadonlySet<string>>(new Set())
  const [note, setNote] = useState('')
  const [best, setBest] = useState<Readonly<Record<string, number>>>({})
  const { exercise, schedule } = table

  const system = useMemo(() => systemOf('playground', srcParty, table.server), [table.server])
  const game = useMemo(() => gameOf(schedule, system), [schedule, system])
  const other = useMemo(() => {
    const mode: Mode = schedule.mode === 'bound' ? 'literal' : 'bound'
    return gameOf({ ...schedule, mode }, system)
  }, [schedule, system])

  const play = (s: Schedule): void => setTable({ ...table, schedule: s })
  const open = async (x: Exercise | null, s: Schedule, told: string, says = START.says): Promise<void> => {
    try {
      const server = await serverOf(x)
      gameOf(s, systemOf('playground', srcParty, server))
      setTable({ says, exercise: x, server, schedule: s })
    } catch (e) {
      return setNote(`It cannot be played: ${wordsOf(e)}`)
    }
    setChosen(null)
    setAside(new Set())
    setNote(told)
  }
  const act = (a: Action): void => {
    const next = gameOf({ ...game.schedule, actions: [...game.schedule.actions, a] }, system)
    const done = next.schedule.actions.length > game.schedule.actions.length
    setNote(done ? '' : 'Nothing happens: the action has no effect here.')
    if (done) play(next.schedule)
  }
  const choose = (frame: number | null, edit: Edit['do'] | null = null, from: number | null = null): void =>
    setChosen(frame === null ? null : { frame, edit, from, key: (chosen?.key ?? 0) + 1 })
  const lose = (frame: number): void => {
    const name = nameOfRef(game.held[frame]!.ref)
    const next = new Set(aside)
    if (!next.delete(name)) next.add(name)
    setAside(next)
    setNote(next.has(name) ? 'The frame is lost: dropping is never delivering, and no action.' : 'The frame is back.')
  }

  const read = (): void => {
    const shared = sharedIn(location.hash)
    if (shared === null) return
    if (shared.kind === 'bad') {
      setNote(shared.why)
      return
    }
    const x = EXERCISES.find((e) => e.mutant === shared.value.exercise) ?? null
    void open(x, shared.value.schedule, 'Opened from the link.')
  }
  useEffect(() => {
    read()
    addEventListener('hashchange', read)
    return () => removeEventListener('hashchange', read)
  }, [])
  const hash = hashOf({ exercise: exercise?.mutant ?? null, schedule: game.schedule })
  useEffect(() => {
    if (table !== START) history.replaceState(null, '', hash)
  }, [hash, table])
  useEffect(() => {
    const grade = exercise === null ? null : gradeOf(exercise, game)
    if (grade?.kind !== 'solved') return
    const { mutant } = exercise!
    setBest((b) => ({ ...b, [mutant]: Math.min(grade.length, b[mutant] ?? grade.length) }))
  }, [exercise, game])

  const frame = chosen === null ? undefined : game.held[chosen.frame]
  return (
    <>
      <header>
        <h1>Gauntlet playground</h1>
        <Setting
          schedule={game.schedule}
          fixed={exercise !== null}
          onChange={(s) => {
            setChosen(null)
            play(s)
          }}
        />
      </header>
      <Verdict game={game} />
      <p class="notice" role="status">
        {printable(note)}
      </p>
      <main>
        <div class="left">
          <Board
            game={game}
            chosen={chosen?.frame ?? null}
            aside={aside}
            choose={choose}
            setAside={lose}
            alter={(f, from) => choose(f, from === null ? 'flip' : 'splice', from)}
            act={act}
          />
          {chosen !== null && frame !== undefined && (
            <FramePanel
              key={chosen.key}
              game={game}
              frame={chosen.frame}
              start={chosen}
              aside={aside.has(nameOfRef(frame.ref))}
              act={act}
              setAside={() => lose(chosen.frame)}
              close={() => setChosen(null)}
            />
          )}
          <section class="panel" aria-label="other actions">
            <FormOfForms label="or" button="do it" forms={actionForms(game)} onSend={act} />
          </section>
          <Happened game={game} other={other} />
        </div>
        <div class="right">
          <Judgement game={game} other={other} />
          <ScheduleList
            game={game}
            link={new URL(hash, location.href).href}
            tell={setNote}
            file={() => fileOf(table.says, gameOf(schedule, HONEST))}
            remove={(from, count) => {
              setChosen(null)
              play({ ...game.schedule, actions: game.schedule.actions.toSpliced(from, count) })
            }}
            open={(name, text) => {
              const parsed = readSchedule(name, text)
              if (parsed.kind === 'bad') setNote(parsed.why)
              else void open(null, parsed.value.schedule, `Opened ${name}: ${parsed.value.says}`, parsed.value.says)
            }}
          />
          <Exercises
            game={game}
            exercise={exercise}
            best={best}
            start={(x) => void open(x, x === null ? emptySchedule('bound') : startOf(x), '')}
          />
          <Explorer game={game} load={(s) => void open(exercise, s, 'An attack of the model, played on bytes.')} />
        </div>
      </main>
    </>
  )
}

render(<Page />, document.getElementById('root')!)
