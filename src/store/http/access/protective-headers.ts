/**
 * What every answer tells browsers, as name, value, name, value: do not cache it, guess its type, run it, or give it to another site.
 * Values are whatever clients wrote, so a browser must never run one.
 */
export const protectiveHeaders: readonly string[] = [
  ...['x-content-type-options', 'nosniff'],
  ...['cache-control', 'no-store'],
  ...['content-security-policy', "default-src 'none'; frame-ancestors 'none'; sandbox"],
  ...['cross-origin-resource-policy', 'same-origin'],
  ...['referrer-policy', 'no-referrer'],
];
