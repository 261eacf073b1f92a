/** For a client of the store in Node.js that asks many things at once: `createClient({ endpoints, fetch: frames.fetch })`. docs/client.md, Frames */
export type { Fetch, Fetched, FetchedWith } from '../store/client/fetching.ts';
export { Frames, type FramesOptions } from '../store/client/frames/frames.ts';
