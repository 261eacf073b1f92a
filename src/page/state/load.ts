const loaded = new Map<string, Promise<unknown>>();

/** A file of the page's data; each is loaded once. A failed load may be tried again. */
export const loadJson = <Value>(path: string): Promise<Value> => {
  const before = loaded.get(path);
  if (before !== undefined) return before as Promise<Value>;
  const loading = fetch(path).then((response) => {
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.json() as Promise<Value>;
  });
  loaded.set(path, loading);
  loading.catch(() => loaded.delete(path));
  return loading;
};

/** Everything is loaded anew when it is asked for next. */
export const forget = (): void => loaded.clear();
