/** Programs of the benchmark that run beside it. What they need comes as a message: it holds a password. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export interface Child<Answer> {
  readonly answer: Answer;
  stop(): Promise<void>;
}

/** Starts the file, sends it the message, and waits for its one answer. */
export async function startChild<Answer>(
  file: string,
  message: object,
  execArgv: string[] = [],
): Promise<Child<Answer>> {
  const child = fork(new URL(file, import.meta.url), { execArgv });
  child.send(message);
  const [answer] = await Promise.race([once(child, 'message'), failure(child)]);
  return {
    answer,
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}

async function failure(child: ChildProcess): Promise<never> {
  await once(child, 'exit');
  throw new Error('a program of the benchmark ended early');
}

/** For the child: the message that it was started with. */
export async function receive<Message>(): Promise<Message> {
  const [message] = await once(process, 'message');
  return message;
}
