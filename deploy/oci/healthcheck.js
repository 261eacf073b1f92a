// For images without curl: exit code 0 while the node of this container answers GET /livez, else 1.
const port = /\d+$/.exec(process.env.RAFT_NODE_LISTEN_CLIENT ?? '')?.[0];
const signal = AbortSignal.timeout(4000);
const isAlive = await fetch(`http://127.0.0.1:${port}/livez`, { signal }).then(
  ({ ok }) => ok,
  () => false,
);
process.exit(isAlive ? 0 : 1);
