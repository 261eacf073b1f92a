import { Client, type ClientDuplexStream, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { loadServices, type ServiceName } from '../../../src/store/etcd/load-services.ts';
import { protos } from './etcd-cluster.ts';

const services = loadServices(protos);

/** Whatever an answer holds. */
// biome-ignore lint/suspicious/noExplicitAny: answers are looked into by tests alone
type Message = any;

/** What a call gave: an answer, or its code and words. */
export type Answered = { readonly answer: Message } | { readonly code: number; readonly details: string };

/** A client that sends messages as they are, as the clients of etcd would not. */
export class GrpcClient {
  readonly #client: Client;
  readonly metadata = new Metadata();

  constructor(endpoint: string, channelCredentials = credentials.createInsecure()) {
    this.#client = new Client(endpoint, channelCredentials);
  }

  call(service: ServiceName, method: string, request: object): Promise<Answered> {
    const { path, requestSerialize, responseDeserialize } = services[service][method]!;
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        this.metadata,
        (error: ServiceError | null, answer?: Message) =>
          resolve(error === null ? { answer } : { code: error.code, details: error.details }),
      );
    });
  }

  /** The answer; throws for what is none. */
  async ask(service: ServiceName, method: string, request: object = {}): Promise<Message> {
    const answered = await this.call(service, method, request);
    if ('answer' in answered) return answered.answer;
    throw new Error(answered.details);
  }

  kv(method: string, request: object): Promise<Answered> {
    return this.call('etcdserverpb.KV', method, request);
  }

  put(key: string, value: string, more: object = {}): Promise<Message> {
    return this.ask('etcdserverpb.KV', 'Put', { key: Buffer.from(key), value: Buffer.from(value), ...more });
  }

  stream(service: ServiceName, method: string): OpenedStream {
    const { path, requestSerialize, responseDeserialize } = services[service][method]!;
    return new OpenedStream(
      this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, this.metadata),
    );
  }

  watch(): OpenedStream {
    return this.stream('etcdserverpb.Watch', 'Watch');
  }

  close(): void {
    this.#client.close();
  }
}

/** A stream whose answers are taken one after the other. */
export class OpenedStream {
  readonly #call: ClientDuplexStream<unknown, Message>;
  readonly #answers: AsyncIterator<Message>;
  /** Resolves with the words of what ended it. */
  readonly ended: Promise<string>;

  constructor(call: ClientDuplexStream<unknown, Message>) {
    this.#call = call;
    this.#answers = call[Symbol.asyncIterator]();
    this.ended = new Promise((resolve) => call.once('status', ({ details }) => resolve(details)));
    call.on('error', () => {});
  }

  send(request: object): void {
    this.#call.write(request);
  }

  async next(): Promise<Message> {
    const { value } = await this.#answers.next();
    return value;
  }

  /** Sends nothing more. */
  end(): void {
    this.#call.end();
  }

  cancel(): void {
    this.#call.cancel();
  }
}
