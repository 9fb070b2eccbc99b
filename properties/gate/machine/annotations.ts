/** Problems as annotations of GitHub Actions: they appear beside the line, and in the summary of the run. */
import type { Problem } from '../../harness/outcome.ts'

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

export const annotation = (p: Problem): string => {
  const [file, line] = p.at?.split(':') ?? []
  const place = file === undefined ? [] : [`file=${property(file)}`, ...(line === undefined ? [] : [`line=${line}`])]
  const properties = [...place, `title=${property(p.kind)}`].join(',')
  return `::error ${properties}::${data(p.replay === undefined ? p.text : `${p.text}\nreplay: ${p.replay}`)}`
}
