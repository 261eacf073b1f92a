/** What the page says once nobody tells it any more. */
export const viewStopped = 'raftchart view has stopped: what you see is out of date.';
