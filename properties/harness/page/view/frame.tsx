/** One frame opened into its fields (PROTOCOL §2). */
import { opcodeName } from '../../../../spec/opcodes.ts'
import type { Film, FilmFrame } from '../film.ts'

interface Field {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly text: string
}

const number = (hex: string): number => Number.parseInt(hex, 16)

/** PROTOCOL §2. */
const DIRECTIONS: Readonly<Record<number, string>> = { 1: 'client to server', 2: 'server to client' }

/** Of whatever is there; a frame that was cut has fewer. */
const fieldsOf = (f: FilmFrame): readonly Field[] => {
  const length = f.hex.length / 2
  const tag = Math.max(23, length - 32)
  const at = (from: number, to: number): string => f.hex.slice(from * 2, to * 2)
  const field = (name: string, from: number, to: number, text: (hex: string) => string): readonly Field[] => {
    const end = Math.min(to, length)
    return from < end ? [{ name, from, to: end, text: end === to ? text(at(from, end)) : 'cut' }] : []
  }
  return [
    ...field('opcode', 0, 1, (hex) =>
      f.label.startsWith('illegal')
        ? `${number(hex)}`
        : `${number(hex)}, ${f.label.split(' r')[0] || opcodeName(number(hex))}`,
    ),
    ...field('client id', 1, 2, (hex) => `${number(hex)}`),
    ...field('round', 2, 6, (hex) => `${number(hex)}`),
    ...field('direction', 6, 7, (hex) => `${number(hex)}, ${DIRECTIONS[number(hex)] ?? 'which is none'}`),
    ...field('IV', 7, 23, () => ''),
    ...field('ciphertext', 23, tag, () => `${tag - 23} bytes`),
    ...field('tag', tag, length, () => ''),
  ]
}

/** Hexadecimal bytes, the changed ones marked. */
const Bytes = ({ frame, from, to }: { frame: FilmFrame; from: number; to: number }) => {
  const runs: { hex: string; changed: boolean }[] = []
  for (let i = from; i < to; i++) {
    const changed = frame.changed.some(([a, b]) => i >= a && i < b)
    const hex = frame.hex.slice(i * 2, i * 2 + 2)
    const last = runs.at(-1)
    if (last?.changed === changed) last.hex += ` ${hex}`
    else runs.push({ hex, changed })
  }
  return <code class="bytes">{runs.map((r, i) => [i > 0 ? ' ' : '', r.changed ? <mark>{r.hex}</mark> : r.hex])}</code>
}

export const Fingerprint = ({ film, index }: { film: Film; index: number }) => (
  <code class={`key k${index % 8}`}>{film.keys[index]}</code>
)

export const FrameFields = ({ film, id }: { film: Film; id: string | null }) => {
  const f = id === null ? undefined : film.frames[id]
  if (f === undefined) return <p class="quiet">This step moves no frame.</p>
  return (
    <section class="frame" aria-label={`frame ${id}`}>
      <h4>
        {id} · {f.label}
      </h4>
      <p>
        {f.by !== null
          ? `Sent by ${f.by}`
          : f.base !== null
            ? `Made by the adversary from ${f.base}`
            : 'Made by the adversary'}
        , {f.hex.length / 2} bytes
        {f.changed.length > 0 && (
          <>
            ; what differs is <mark>marked</mark>
          </>
        )}
        .
      </p>
      <div class="wide">
        <table>
          <tbody>
            {fieldsOf(f).map((x) => (
              <tr key={x.name}>
                <th scope="row">{x.name}</th>
                <td>
                  {x.text !== '' && <div>{x.text}</div>}
                  <Bytes frame={f} from={x.from} to={x.to} />
                </td>
              </tr>
            ))}
            <tr>
              <th scope="row">plaintext</th>
              <td>{f.body === '' ? 'no key that was ever derived opens it' : f.body}</td>
            </tr>
            <tr>
              <th scope="row">sealed by</th>
              <td>
                {f.sealed === null ? (
                  'no key that was ever derived: its tag is wrong'
                ) : (
                  <>
                    {f.sealed.direction === 'c2s' ? 'C2S' : 'S2C'} keys of client {f.sealed.id}, round {f.sealed.round}:
                    encryption <Fingerprint film={film} index={f.sealed.enc} />, tag{' '}
                    <Fingerprint film={film} index={f.sealed.mac} />
                  </>
                )}
              </td>
            </tr>
          </tbody>
        </table>
      </div>
    </section>
  )
}
