/** A play that ends by violating Read Safety: a leader whose clock stands almost still answers from a lease that it lost long ago. */
export const staleRead = `title: A stale read
reads: lease
time: runs
seed: 3

start
timeouts 1=150ms 2=200ms 3=300ms
at 1s
propose 1 put x 1
clock 1 0.05
at 1200ms
partition 1 | 2 3
at 2s
propose 2 put x 2
at 2100.125ms
read 1 x
`;
