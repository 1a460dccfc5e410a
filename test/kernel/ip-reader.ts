import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type IpTables, parseObjects, QUESTIONS } from './support.ts';

/** iproute2 at hand for one namespace: it is started once and asked often, as starting it takes long in the lab. */
export interface IpReader {
  /** what `readTables` gives. Links must keep their names: iproute2 remembers which index has which */
  read(): Promise<IpTables>;
  /** to be called before the namespace is deleted, which would live on in the programs */
  close(): void;
}

export const openIpReader = (ns: string): IpReader => {
  const programs = QUESTIONS.map(({ program, tables }) => {
    const [command = 'ip', ...options] = program.split(' ');
    const child = spawn(command, [...options, '-n', ns, '-j', '-batch', '-'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, answers, tables };
  });
  return {
    read: async () => {
      for (const { child, tables } of programs) child.stdin.write(tables.map(({ line }) => `${line}\n`).join(''));
      const read: [string, readonly unknown[]][] = [];
      for (const { answers, tables } of programs) {
        for (const { name, line } of tables) {
          const { value, done } = await answers.next();
          if (done === true) throw new Error(`${line}: no answer`);
          read.push([name, parseObjects(value)]);
        }
      }
      return Object.fromEntries(read) as IpTables;
    },
    close: () => {
      for (const { child } of programs) child.kill('SIGKILL');
    },
  };
};
