import type { Inspected, InspectedRecord, InspectedSegment } from '../../adapters/storage/wal/inspect-wal.ts';
import { votersOf } from '../../raft/configuration.ts';
import { decodeConfiguration } from '../../raft/configuration-payload.ts';
import { nodeName } from '../../raft/types.ts';
import type { Damage, Examined } from './examine-directory.ts';

/** One line for a person. */
export const inspectedText = (part: Inspected): string => {
  switch (part.type) {
    case 'identity': {
      const { nodeId, clusterId, logId, format, members } = part;
      const founders = members === null ? 'not recorded' : members.map(({ id }) => nodeName(id)).join(', ');
      return `identity     ${nodeName(nodeId)} of cluster "${clusterId}", log ${logId}, format ${format}; founders: ${founders}`;
    }
    case 'disk': {
      const { start, runs, firstSegment, lastSegment, base, watermark } = part;
      return `disk.json    start ${start}, ${counted(runs.length, 'run')}, the latest ${runs.at(-1)?.tag ?? '-'}; segments ${firstSegment} to ${lastSegment}; the log begins after entry ${base.index}; durable up to segment ${watermark.segment}, offset ${watermark.offset} at least`;
    }
    case 'peers':
      return `peers.json   ${part.peers.map(({ id, logId, start }) => `${nodeName(id)}: log ${logId}, start ${start}`).join('; ') || 'none known'}`;
    case 'snapshot': {
      const { index, term, sizeBytes, configuration } = part.info;
      const decoded = decodeConfiguration(configuration);
      const voters = decoded === null ? '-' : votersOf(decoded).map(nodeName).join(', ');
      return `snapshot     ${part.file}: up to entry ${index} (term ${term}), ${sizeBytes} bytes in ${counted(part.chunks, 'chunk')}; voters: ${voters}`;
    }
    case 'segment':
      return segmentText(part);
    case 'record':
      return recordText(part);
    case 'damage':
      return damageText(part);
  }
};

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

const segmentText = ({ file, use, records, entries, end, tail, sizeBytes }: InspectedSegment): string => {
  const holds = entries === null ? 'no entries' : `entries ${entries.first} to ${entries.last}`;
  const used =
    use === 'prepared' ? 'prepared, unused' : `${counted(records, 'record')}, ${holds}, up to offset ${end}`;
  const after =
    tail.kind === 'clean' || use === 'prepared'
      ? ''
      : tail.kind === 'torn'
        ? `; torn at offset ${tail.offset}: a write that is under way, or was cut short`
        : `; ${damageWords(tail)}`;
  return `segment      ${file}: ${sizeBytes} bytes, ${used}${use === 'dropped' ? ', covered by the snapshot' : ''}${after}`;
};

const recordText = ({ file, offset, kind, index, term, payloadBytes, isComplete }: InspectedRecord): string =>
  `  ${file} ${String(offset).padStart(9)}  ${whatIs(kind, index, term)}${payloadBytes > 0 ? `, ${payloadBytes} bytes` : ''}${isComplete ? '' : ' (its write was never finished)'}`;

const whatIs = (kind: InspectedRecord['kind'], index: number, term: number): string => {
  switch (kind) {
    case 'hardState':
      return `term ${term}, ${index === 0 ? 'no vote' : `vote for ${nodeName(index)}`}`;
    case 'segmentStart':
      return `segment start after entry ${index}, term ${term}`;
    case 'logStart':
      return `the log begins after entry ${index} of term ${term}`;
    default:
      return `entry ${index}, term ${term}, ${kind}`;
  }
};

const damageText = ({ file, offset, fault }: Damage): string =>
  `DAMAGED      ${file} ${damageWords({ offset, reason: fault })}`;

const damageWords = ({ offset, reason }: { readonly offset: number; readonly reason: string }): string =>
  `at offset ${offset}: ${reason}`;

export const examinedText = (examined: Examined): string => {
  switch (examined.type) {
    case 'sound': {
      const { hardState, baseIndex, baseTerm, lastIndex } = examined.recovered;
      const { currentTerm, votedFor } = hardState;
      const vote = votedFor === null ? 'no vote' : `vote for ${nodeName(votedFor)}`;
      const begins = baseIndex === 0 ? '' : `, after entry ${baseIndex} (term ${baseTerm})`;
      const log = lastIndex === baseIndex ? 'no entries' : `entries ${baseIndex + 1} to ${lastIndex}`;
      const voters =
        examined.configuration === null
          ? ''
          : `; voters since entry ${examined.configuration.index}: ${votersOf(examined.configuration).map(nodeName).join(', ')}`;
      return `sound        term ${currentTerm}, ${vote}; ${log}${begins}${voters}`;
    }
    case 'damaged':
      return damageText(examined);
    case 'refused':
      return `REFUSED      ${examined.reason}`;
  }
};

/** One line for a program. */
export const inspectedJson = (part: Inspected): string => {
  if (part.type !== 'snapshot') return JSON.stringify(part);
  const { type, file, chunks, info } = part;
  return JSON.stringify({
    type,
    file,
    ...info,
    chunks,
    configuration: decodeConfiguration(info.configuration),
  });
};
