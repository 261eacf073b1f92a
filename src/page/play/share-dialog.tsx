import { useSignal } from '@preact/signals';
import { createRef } from 'preact';
import type { ExportKind } from '../../simulate/play/exports.ts';
import { momentSvg } from './picture/moment.tsx';
import { exported, refusal } from './session.ts';

const dialog = createRef<HTMLDialogElement>();

export const openShareDialog = (): void => dialog.current?.showModal();

interface FileKind {
  readonly kind: ExportKind;
  readonly name: string;
  readonly what: string;
  readonly file: string;
}

const files: readonly FileKind[] = [
  { kind: 'story', name: 'Story', what: 'for raftchart scenario --file', file: 'play.txt' },
  { kind: 'test', name: 'Test', what: 'for vitest', file: 'play.test.ts' },
  { kind: 'trace', name: 'Trace', what: 'each event a line of JSON', file: 'play.ndjson' },
  { kind: 'sequence', name: 'Sequence diagram', what: 'SVG', file: 'play.svg' },
];

const save = (name: string, text: string, type = 'text/plain'): void => {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
};

/** How a play is handed on. */
export const ShareDialog = () => {
  const link = useSignal('');
  const note = useSignal<string | null>(null);
  const makeLink = async (): Promise<void> => {
    const fragment = await exported('link');
    if (fragment === null) {
      note.value = refusal.peek();
      return;
    }
    link.value = `${location.href.replace(/#.*$/, '')}${fragment}`;
    const isCopied = await navigator.clipboard?.writeText(link.value).then(
      () => true,
      () => false,
    );
    note.value = isCopied ? 'The link is in the clipboard.' : 'Copy the link from the field.';
  };
  return (
    <dialog ref={dialog} aria-labelledby="share-title">
      <header>
        <h2 id="share-title">Share this play</h2>
        <button type="button" aria-label="Close" onClick={() => dialog.current?.close()}>
          <span aria-hidden="true">✕</span>
        </button>
      </header>
      <div class="handing-on">
        <div class="choices">
          <button type="button" class="primary" onClick={() => void makeLink()}>
            Make a link
          </button>
          <input type="text" readOnly aria-label="Link" value={link.value} />
        </div>
        <p role="status">{note.value}</p>
        <h3>Or save it</h3>
        <ul class="files">
          {files.map(({ kind, name, what, file }) => (
            <li key={kind}>
              <button
                type="button"
                onClick={async () => {
                  const text = await exported(kind);
                  if (text !== null) save(file, text);
                  note.value = text === null ? refusal.peek() : null;
                }}
              >
                {name}
              </button>{' '}
              <span class="faint">{what}</span>
            </li>
          ))}
          <li>
            <button type="button" onClick={() => save('moment.svg', momentSvg(), 'image/svg+xml')}>
              Picture
            </button>{' '}
            <span class="faint">of this moment, SVG</span>
          </li>
        </ul>
      </div>
    </dialog>
  );
};
