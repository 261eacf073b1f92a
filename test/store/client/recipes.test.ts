import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoreClient } from '../../../src/store/client/store-client.ts';
import { dataDirectory } from '../../processes/data-directory.ts';
import { ProcessCluster } from '../../processes/process-cluster.ts';
