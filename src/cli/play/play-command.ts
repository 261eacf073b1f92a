import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { brokenRules } from '../../simulate/broken/broken-rules.ts';
import { UsageError } from '../usage-error.ts';
import { builtPage, readPageFiles } from '../view/page-files.ts';
import { servePage } from '../view/serve-page.ts';
import { linkToFile } from './link-to-file.ts';
import { writeFolder } from './write-folder.ts';

interface Flags {
  readonly port?: number;
  readonly host?: string;
  readonly out?: string;
  readonly broken?: string;
}

/** Beside that of `raftchart view`. */
const defaultPort = 8101;

const parsePort = (text: string): number => {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('expected a port, 0 to 65535.');
  return port;
};

const parseHost = (text: string): string => {
  if (!/^[\w.:-]{1,253}$/.test(text))
    throw new InvalidArgumentError('expected an address of this machine, such as 0.0.0.0.');
  return text;
};

/** `raftchart play`: the playground, served until Ctrl-C or written into a folder. */
export const playCommand = (): Command =>
  new Command('play')
    .description(
      'A cluster in the browser, to break by hand, rewind and share: real nodes, simulated in the page.',
    )
    .argument(
      '[story]',
      'a story to open (docs/stories.md), a failing plan.json of raftchart simulate, or a trace.ndjson of raftchart explore',
    )
    .option('--port <port>', `port on this machine; 0: any free one (default: ${defaultPort})`, parsePort)
    .option(
      '--host <address>',
      'address to listen on; 0.0.0.0: whoever reaches this machine may open the page (default: 127.0.0.1)',
      parseHost,
    )
    .option(
      '--out <folder>',
      'write the page there instead: any web server can serve it, and a browser open it as a file',
    )
    .addOption(
      new Option(
        '--broken <rule>',
        'the rule that the nodes of a plan.json break on purpose, or those of a trace.ndjson instead of its own',
      ).choices(brokenRules.map(({ name }) => name)),
    )
    .action(
      async (
        file: string | undefined,
        { port = defaultPort, host, out, broken }: Flags,
        command: Command,
      ) => {
        if (broken !== undefined && file === undefined)
          throw new UsageError('--broken needs a plan.json or trace.ndjson to open');
        const fragment = file === undefined ? '' : await linkToFile(file, broken);
        const files = readPageFiles(builtPage('play'));
        if (out !== undefined) {
          const other = ['port', 'host'].find((name) => command.getOptionValueSource(name) === 'cli');
          if (other !== undefined)
            throw new UsageError(`--out writes the page and serves none: leave out --${other}`);
          writeFolder(out, files);
          process.stdout.write(`The playground is in ${join(out, 'index.html')}${fragment}\n`);
          return;
        }
        const page = await servePage(port, {
          files,
          startsWorkers: true,
          ...(host === undefined ? {} : { host }),
        });
        process.stdout.write(
          `The playground is at ${page.url}${fragment === '' ? '' : `/${fragment}`}\nCtrl-C stops it.\n`,
        );
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void page.close());
      },
    );
