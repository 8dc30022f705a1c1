import { Console } from 'node:console';
import { Logger } from '@aws-lambda-powertools/logger';

/** The logger of one function, on stderr: stdout belongs to whoever reads the ready line. `silent` keeps the demo's story readable. */
export function localLogger(serviceName: string, level: 'INFO' | 'WARN' | 'SILENT'): Logger {
  const logger = new Logger({ serviceName, logLevel: level });
  // Powertools writes to its own console on stdout and has no setting for it.
  Reflect.set(logger, 'console', new Console({ stdout: process.stderr, stderr: process.stderr }));
  return logger;
}
