/** What is not counted in the coverage of src, and why. Shown in the report. */
export interface Exclusion {
  /** A file of src, or a folder when it ends in a slash. */
  readonly file: string
  /** The trimmed text of the line it is about; null: all of it. A text that no longer occurs is an error. */
  readonly line: string | null
  readonly reason: string
}

export const BUDGET = 5

export const EXCLUSIONS: readonly Exclusion[] = [
  {
    file: 'src/cli/',
    line: null,
    reason:
      'the commands print and exit, so the tests start them as processes of their own, where coverage is not collected; their parts that decide anything are tested in place, and shown in coverage/index.html',
  },
]
