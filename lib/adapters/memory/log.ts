import type { About, AlarmCode, AttemptLine, EndedLine, Log, NoteCode } from '../../app/ports/log.ts';

export type LogLine =
  | { readonly is: 'attempt'; readonly line: AttemptLine }
  | { readonly is: 'alarm'; readonly code: AlarmCode; readonly about: About }
  | { readonly is: 'note'; readonly code: NoteCode; readonly about: About }
  | { readonly is: 'ended'; readonly line: EndedLine };

export interface MemoryLog extends Log {
  /** Every line so far, oldest first. */
  readonly lines: readonly LogLine[];
  /** The codes of all alarms so far, oldest first. */
  alarms(): readonly AlarmCode[];
}

/** The port `Log` that keeps its lines for a test to read. */
export function memoryLog(): MemoryLog {
  const lines: LogLine[] = [];
  return {
    lines,
    alarms: () => lines.flatMap((line) => (line.is === 'alarm' ? [line.code] : [])),
    attempt: (line) => void lines.push({ is: 'attempt', line }),
    alarm: (code, about) => void lines.push({ is: 'alarm', code, about }),
    note: (code, about) => void lines.push({ is: 'note', code, about }),
    ended: (line) => void lines.push({ is: 'ended', line }),
  };
}
